/** The shared volume on the real file system. */
import fs from 'node:fs';
import { lockNoteLength } from '../domain/lock-note.ts';
import type { Entry, LockHandle, LockState, Outcome } from '../domain/protocol/effects.ts';
import type { Deadline, Volume } from '../ports.ts';
import { tryOfdLock, tryOfdSharedLock } from './ofd-lock.ts';

/** Records are for the pods of one volume, which share a group (fsGroup), and for nobody else. */
const fileMode = 0o660;
const directoryMode = 0o770;
const { O_RDWR, O_CREAT } = fs.constants;

export function openVolume(root: string): Volume {
  const at = (path: string): string => `${root}/${path}`;
  return {
    root,
    listRoot: (deadline) => listWithin(root, deadline),
    list: (path) => outcome(() => fs.readdirSync(at(path), { withFileTypes: true }).map(entryOf)),
    read: (path) => outcome(() => fs.readFileSync(at(path), 'utf8')),
    create: (path, text) => outcome(() => createWhole(at(path), text)),
    link: (existing, name) => outcome(() => fs.linkSync(at(existing), at(name))),
    unlink: (path) => outcome(() => fs.unlinkSync(at(path))),
    makeDirectory: (path) => outcome(() => fs.mkdirSync(at(path), directoryMode)),
    removeDirectory: (path) => outcome(() => fs.rmdirSync(at(path))),
    syncDirectory: (path) => outcome(() => syncDirectory(at(path))),
    openLock: (path, make) =>
      outcome(() => fs.openSync(at(path), O_RDWR | (make ? O_CREAT : 0), fileMode) as LockHandle),
    tryLock: (handle) => outcome(() => tryOfdLock(handle)),
    isSameFile: (handle, path) => outcome(() => isSameFile(handle, at(path))),
    readLock: (handle) => outcome(() => readLock(handle)),
    writeLock: (handle, text) => outcome(() => writeLock(handle, text)),
    closeLock(handle) {
      outcome(() => fs.closeSync(handle));
    },
    probeKafkaLock: (path) => outcome(() => probeKafkaLock(at(path))),
    lockState: (path) => outcome(() => lockState(at(path))),
    areLocked: (paths) => paths.map((path) => isLocked(at(path))),
  };
}

/** The errno is a value; whatever is no error of a system call is a fault of ours and thrown. */
function outcome<T>(call: () => T): Outcome<T> {
  const { stackTraceLimit } = Error;
  try {
    // A thousand expected ENOENTs are not to cost a thousand stack traces.
    Error.stackTraceLimit = 0;
    return { ok: true, value: call() };
  } catch (error) {
    return { ok: false, errno: errnoOf(error) };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function errnoOf(error: unknown): string {
  const { code, syscall } = error as NodeJS.ErrnoException;
  // The lock's binding gives the code without a syscall.
  if (code !== undefined && (syscall !== undefined || /^E[A-Z0-9]+$/.test(code))) return code;
  throw error;
}

const entryOf = (entry: fs.Dirent): Entry => ({ name: entry.name, isDirectory: entry.isDirectory() });

/** A listing on the thread pool, so that a dead network mount blocks that thread and not this one. */
function listWithin(root: string, { timeoutMs, signal }: Deadline): Promise<Outcome<Entry[]> | 'silent'> {
  return new Promise((resolve, reject) => {
    const give = (answer: Outcome<Entry[]> | 'silent'): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      resolve(answer);
    };
    const giveUp = (): void => give('silent');
    const timer = setTimeout(giveUp, timeoutMs);
    signal.addEventListener('abort', giveUp);
    fs.readdir(root, { withFileTypes: true }, (error, entries) => {
      try {
        give(error ? { ok: false, errno: errnoOf(error) } : { ok: true, value: entries.map(entryOf) });
      } catch (fault) {
        reject(fault instanceof Error ? fault : new Error(String(fault)));
      }
    });
  });
}

/**
 * Creates, writes, fsyncs. After a failed fsync the same descriptor may claim success without having written, so the
 * file is given up as a whole. What a crash leaves behind is a file in tmp/ that nobody links.
 */
function createWhole(path: string, text: string): void {
  const fd = fs.openSync(path, 'wx', fileMode);
  try {
    fs.writeFileSync(fd, text);
    fs.fsyncSync(fd);
  } catch (error) {
    fs.closeSync(fd);
    fs.unlinkSync(path);
    throw error;
  }
  fs.closeSync(fd);
}

function syncDirectory(path: string): void {
  const fd = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function isSameFile(fd: number, path: string): boolean {
  const opened = fs.fstatSync(fd);
  const named = fs.statSync(path);
  return opened.ino === named.ino && opened.dev === named.dev;
}

function readLock(fd: number): string {
  const buffer = Buffer.alloc(lockNoteLength);
  const length = fs.readSync(fd, buffer, 0, lockNoteLength, 0);
  return buffer.toString('utf8', 0, length);
}

function writeLock(fd: number, text: string): void {
  const buffer = Buffer.from(text);
  fs.writeSync(fd, buffer, 0, buffer.length, 0);
  fs.fsyncSync(fd);
}

/**
 * Kafka's own lock, tried without creating it: a `.lock` of ours would belong to the wrong user, and one that a stopping
 * broker unlinked (Kafka ≥ 3.8) is not to come back. A lock on a file that no longer has the name says nothing.
 */
function probeKafkaLock(path: string): 'free' | 'held' | 'absent' {
  let fd: number;
  try {
    fd = fs.openSync(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
    throw error;
  }
  try {
    if (!tryOfdLock(fd)) return 'held';
    return isSameFile(fd, path) ? 'free' : 'held';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** Whether somebody holds a lock. What can't be asked says nothing: trying the lock itself will tell why. */
function isLocked(path: string): boolean {
  const answer = outcome(() => {
    const fd = fs.openSync(path, 'r');
    try {
      return !tryOfdSharedLock(fd);
    } finally {
      fs.closeSync(fd);
    }
  });
  return answer.ok && answer.value;
}

/**
 * Looks a file up in the kernel's table of locks, `MAJOR:MINOR:INODE` in each line. It touches no lock, but the kernel
 * takes some 20 ms for the first look, so it is for people alone. Source: proc(5), /proc/locks.
 */
function lockState(path: string): LockState {
  const file = fs.statSync(path, { throwIfNoEntry: false });
  if (!file) return 'absent';
  const major = (file.dev >> 8) & 0xfff;
  const minor = (file.dev & 0xff) | ((file.dev >> 12) & 0xfff00);
  const hex = (part: number): string => part.toString(16).padStart(2, '0');
  const name = `${hex(major)}:${hex(minor)}:${String(file.ino)}`;
  const lines = fs.readFileSync('/proc/locks', 'utf8').split('\n');
  return lines.some((line) => line.split(/\s+/).includes(name)) ? 'held' : 'free';
}
