/** Small file systems of the tests' own (root only, as mount(8) is). */
import { execFileSync } from 'node:child_process';
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Mounted {
  readonly path: string;
  remount(options: string): void;
  unmount(): void;
}

/** A tmpfs, with options such as `size=64k,nr_inodes=10`. */
export function mountTmpfs(path: string, options: string): Mounted {
  mkdirSync(path, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  return {
    path,
    remount: (changed) => void execFileSync('mount', ['-o', `remount,${changed}`, path]),
    unmount: () => void execFileSync('umount', ['--lazy', path]),
  };
}

/** Fills a file system but for some blocks. */
export function fillUpTo(path: string, freeBlocks: number): void {
  const { bfree, bsize } = statfsSync(path);
  writeFileSync(join(path, 'filler'), Buffer.alloc(Math.max(0, bfree - freeBlocks) * bsize));
}
