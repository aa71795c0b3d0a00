/** A journal in a file, guarded by a record lock on a file beside it, which ends with the process however that ends. */
import fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { BarnabasError } from '../errors.ts';
import type { JournalStore } from '../ports-journal.ts';
import { tryOfdLock } from './ofd-lock.ts';

export function openFileJournal(path: string, use: 'write' | 'read'): JournalStore {
  const file = resolve(path);
  const lock = use === 'write' ? lockBeside(file) : undefined;
  return {
    place: path,
    read: () => Promise.resolve(attempt(`read the journal ${path}`, () => readIfThere(file))),
    write(text) {
      attempt(`write the journal ${path}`, () => replace(file, text));
      return Promise.resolve();
    },
    close() {
      if (lock !== undefined) fs.closeSync(lock);
      return Promise.resolve();
    },
  };
}

function lockBeside(file: string): number {
  const path = `${file}.lock`;
  const fd = attempt(`open ${path}`, () => fs.openSync(path, 'a+', 0o640));
  try {
    if (attempt(`lock ${path}`, () => tryOfdLock(fd))) return fd;
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
  fs.closeSync(fd);
  const hint = 'wait for it to end, or stop it and `resume`';
  throw new BarnabasError('journal-failed', `another recovery is at work with the journal ${file}: ${hint}`);
}

function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * 1. write beside it and fsync      crash: the old journal, and a file that the next write replaces
 * 2. rename over it                 crash: either, whole
 * 3. fsync the directory
 */
function replace(file: string, text: string): void {
  const temporary = `${file}.tmp`;
  const fd = fs.openSync(temporary, 'w', 0o640);
  try {
    fs.writeFileSync(fd, text);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  fs.renameSync(temporary, file);
  const directory = fs.openSync(dirname(file), 'r');
  try {
    fs.fsyncSync(directory);
  } finally {
    fs.closeSync(directory);
  }
}

function attempt<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const hint = 'name another place by --journal, or give the right to write there';
    throw new BarnabasError('journal-failed', `cannot ${what}: ${message}; ${hint}`, { cause: error });
  }
}
