/** Which system calls the real agent makes on a volume, by strace(1): the points at which a fault can be put in. */
import { readFileSync } from 'node:fs';

/** The n-th call of this name by the agent's main thread. */
export interface Call {
  readonly name: string;
  readonly ordinal: number;
  /** As strace wrote it. */
  readonly text: string;
  /** The last path in it, relative to the volume. */
  readonly path: string;
}

/** Whatever the claim could do to a file. */
export const traced = [
  ...['openat', 'read', 'pread64', 'write', 'pwrite64', 'fsync', 'fdatasync', 'fcntl', 'getdents64', 'statx', 'fstat'],
  ...['newfstatat', 'stat', 'mkdir', 'rmdir', 'link', 'unlink', 'rename', 'access'],
];

/** Reads a log of `strace -y`, in which descriptors are followed by their paths. */
export function callsOn(volume: string, log: string): Call[] {
  const counts = new Map<string, number>();
  return readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((text) => {
      const name = /^([a-z0-9]+)\(/.exec(text)?.[1];
      if (name === undefined) return [];
      const ordinal = (counts.get(name) ?? 0) + 1;
      counts.set(name, ordinal);
      const path = text.slice(text.lastIndexOf(volume) + volume.length + 1).split(/[">]/)[0] ?? '';
      return text.includes(volume) ? [{ name, ordinal, text, path }] : [];
    });
}
