/** What a cluster changes on the machine, and how it is put back: packet filter, network namespaces, control groups. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

export interface MachineState {
  restore(): void;
}

/** As it is now. */
export function rememberMachine(): MachineState {
  const rules = execFileSync('iptables-save', { encoding: 'utf8' });
  const namespaces = new Set(networkNamespaces());
  return {
    restore() {
      for (const table of ['filter', 'nat', 'mangle']) {
        // A table that nobody had used is not in the saved text, and stays as it is unless it is emptied.
        execFileSync('iptables', ['-t', table, '-F']);
        execFileSync('iptables', ['-t', table, '-X']);
      }
      execFileSync('iptables-restore', { input: rules });
      for (const name of networkNamespaces()) {
        if (!namespaces.has(name)) execFileSync('ip', ['netns', 'delete', name]);
      }
    },
  };
}

const networkNamespaces = (): string[] => {
  const folder = '/run/netns';
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('cni-')) : [];
};

const groupsFolder = '/sys/fs/cgroup';

/** Version 2 has one hierarchy, version 1 a folder for each controller. */
export function cgroupHierarchies(): string[] {
  if (existsSync(join(groupsFolder, 'cgroup.controllers'))) return [groupsFolder];
  const folders = readdirSync(groupsFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map((entry) => join(groupsFolder, entry.name));
}

/** A control group and all below it, once no process is left in them. */
export function removeCgroup(name: string): void {
  for (const hierarchy of cgroupHierarchies()) removeGroup(join(hierarchy, name));
}

function removeGroup(path: string): void {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroup(join(path, entry.name));
  }
  rmdirSync(path);
}
