/** The doctor's second process: locks a file, says so, and holds it until its stdin ends. */
import fs from 'node:fs';
import { tryOfdLock } from '../ofd-lock.ts';

/** Exit status 0; it says `held`, or the errno of what failed. */
export async function holdLock(path: string): Promise<number> {
  process.stdout.write(`${tryToLock(path)}\n`);
  process.stdin.resume();
  await new Promise<void>((ended) => process.stdin.once('close', () => ended()).once('end', () => ended()));
  return 0;
}

function tryToLock(path: string): string {
  try {
    // Kept until the process ends: its end is what lets the lock go.
    return tryOfdLock(fs.openSync(path, 'r+')) ? 'held' : 'EAGAIN';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EIO';
  }
}
