/** What this process can say of the machine it runs on (Linux's /proc). */
import { readFileSync, realpathSync } from 'node:fs';
import { hostname, networkInterfaces, uptime } from 'node:os';
import { judgeStorage, mountOf, parseMountinfo, type Storage } from '../domain/mounts.ts';

export interface Machine {
  readonly bootId: string;
  /** The pod's name, in a pod. */
  readonly hostname: string;
  /** When this process started, in whole milliseconds since boot. */
  readonly processStart: number;
}

export function readMachine(): Machine {
  return {
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    hostname: hostname(),
    processStart: Math.max(0, Math.round((uptime() - process.uptime()) * 1000)),
  };
}

/** What the mount below a directory promises of record locks. */
export function readStorage(directory: string): Storage {
  const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
  return judgeStorage(mountOf(mounts, realpathSync(directory)));
}

/** The options of the mount below a directory, of the mount point and of the file system. */
export function readMountOptions(directory: string): readonly string[] {
  const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
  return mountOf(mounts, realpathSync(directory))?.options ?? [];
}

/** The first address that other machines could reach, IPv4 before IPv6; undefined if there is none. */
export function firstAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const outer = addresses.filter((entry) => !entry.internal && !entry.address.startsWith('fe80:'));
  return (outer.find((entry) => entry.family === 'IPv4') ?? outer[0])?.address;
}
