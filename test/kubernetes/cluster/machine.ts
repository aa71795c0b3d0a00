/** What a cluster changes on the machine, and how it is put back: packet filter, network namespaces, control groups. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

export interface MachineState {
  restore(): void;
}

/** As it is now. */
export function rememberMachine(): MachineState {
  const rules = execFileSync('iptables-save', { encoding: 'utf8' });
  const unmountNamespaces = mountNamespaces();
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
      unmountNamespaces();
    },
  };
}

const namespaceFolder = '/run/netns';

const networkNamespaces = (): string[] =>
  existsSync(namespaceFolder) ? readdirSync(namespaceFolder).filter((name) => name.startsWith('cni-')) : [];

/**
 * The first ip-netns(8) that anybody runs mounts the folder onto itself, with all that is mounted in it: the network
 * namespaces of pods that live then could never be removed again. So it is done before there are any.
 */
function mountNamespaces(): () => void {
  mkdirSync(namespaceFolder, { recursive: true });
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  if (mounts.some((line) => line.split(' ')[1] === namespaceFolder)) return () => undefined;
  execFileSync('mount', ['--bind', namespaceFolder, namespaceFolder]);
  execFileSync('mount', ['--make-shared', namespaceFolder]);
  return () => void execFileSync('umount', ['--lazy', namespaceFolder]);
}

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
