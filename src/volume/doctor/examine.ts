/** The doctor's experiments on a real volume, in a directory of their own that is gone afterwards. */
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fact, Findings } from '../../domain/doctor/findings.ts';
import { tryOfdLock } from '../ofd-lock.ts';

export interface Examination {
  readonly root: string;
  /** A name that nobody else has. */
  readonly nonce: string;
  /** The command of a process that locks the file named after it, says `held`, and ends with its stdin. */
  readonly holder: readonly string[];
  readonly signal: AbortSignal;
}

type Experiments = Omit<Findings, 'storage' | 'mountOptions' | 'peer'>;

const killDeadlineMs = 10_000;
const holderDeadlineMs = 20_000;

export async function examine(examination: Examination): Promise<Experiments> {
  const { root, nonce } = examination;
  const directory = join(root, `.barnabas-doctor-${nonce}`);
  const made = attempt(() => {
    fs.mkdirSync(directory);
    return true as const;
  });
  if (!made.known) return allFailed(made.errno, root);
  try {
    const locks = await examineLocks(directory, examination);
    return {
      writable: made,
      ...locks,
      link: attempt(() => tryLink(directory)),
      renameOpen: attempt(() => tryRename(directory)),
      unlinkOpen: attempt(() => tryUnlink(directory)),
      fsync: attempt(() => tryFsync(directory)),
      skewMs: attempt(() => measureSkew(directory)),
      ...examineRoot(root),
    };
  } finally {
    fs.rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

function attempt<T>(experiment: () => T): Fact<T> {
  try {
    return { known: true, value: experiment() };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { known: false, errno: code };
  }
}

function allFailed(errno: string, root: string): Experiments {
  const failed = { known: false, errno } as const;
  const experiments = {
    writable: failed,
    lockBetween: failed,
    lockAfterKill: failed,
    link: failed,
    renameOpen: failed,
    unlinkOpen: failed,
  };
  return { ...experiments, fsync: failed, skewMs: failed, ...examineRoot(root) };
}

async function examineLocks(directory: string, { holder, signal }: Examination) {
  const path = join(directory, 'lock');
  const opened = attempt(() => fs.openSync(path, 'w+'));
  if (!opened.known) return { lockBetween: opened, lockAfterKill: opened };
  const fd = opened.value;
  const [file = '', ...words] = holder;
  const child = spawn(file, [...words, path], { stdio: ['pipe', 'pipe', 'inherit'], signal });
  // Its end is what is waited for; that it could not be started shows in that.
  child.on('error', () => undefined);
  try {
    const held = await firstLine(child);
    if (held !== 'held') {
      const failed = { known: false, errno: held } as const;
      return { lockBetween: failed, lockAfterKill: failed };
    }
    const lockBetween = attempt(() => !tryOfdLock(fd));
    const killedMs = performance.now();
    child.kill('SIGKILL');
    const lockAfterKill = await awaitLock(fd, killedMs);
    return { lockBetween, lockAfterKill };
  } finally {
    child.kill('SIGKILL');
    fs.closeSync(fd);
  }
}

/** `held`, or the errno that the holder says; ETIMEDOUT if it says nothing. */
async function firstLine(child: ChildProcess): Promise<string> {
  const late = new AbortController();
  const said = new Promise<string>((resolve) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once('close', () => resolve('ECHILD'));
    child.once('error', () => resolve('ECHILD'));
  });
  const silence = delay(holderDeadlineMs, 'ETIMEDOUT', { signal: late.signal }).catch(() => 'ETIMEDOUT');
  try {
    return await Promise.race([said, silence]);
  } finally {
    late.abort();
  }
}

async function awaitLock(fd: number, sinceMs: number): Promise<Fact<number | null>> {
  while (performance.now() - sinceMs < killDeadlineMs) {
    const tried = attempt(() => tryOfdLock(fd));
    if (!tried.known) return tried;
    if (tried.value) return { known: true, value: Math.round(performance.now() - sinceMs) };
    await delay(5);
  }
  return { known: true, value: null };
}

function tryLink(directory: string): { count: number; second: string } {
  const [from, to] = [join(directory, 'link-from'), join(directory, 'link-to')];
  fs.writeFileSync(from, 'x');
  fs.linkSync(from, to);
  const count = fs.statSync(from).nlink;
  const second = attempt(() => fs.linkSync(from, to));
  return { count, second: second.known ? 'success' : second.errno };
}

function tryRename(directory: string): boolean {
  const [from, to] = [join(directory, 'topic-0'), join(directory, 'topic-0-delete')];
  fs.mkdirSync(from);
  const fd = fs.openSync(join(from, 'segment'), 'w+');
  try {
    fs.writeSync(fd, 'before');
    fs.renameSync(from, to);
    fs.writeSync(fd, ' and after');
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  return fs.readFileSync(join(to, 'segment'), 'utf8') === 'before and after';
}

function tryUnlink(directory: string): { left: string[]; removable: boolean } {
  const partition = join(directory, 'partition-0');
  fs.mkdirSync(partition);
  const fd = fs.openSync(join(partition, 'segment'), 'w+');
  try {
    fs.unlinkSync(join(partition, 'segment'));
    const left = fs.readdirSync(partition);
    const removed = attempt(() => fs.rmdirSync(partition));
    if (!removed.known && removed.errno !== 'ENOTEMPTY' && removed.errno !== 'EBUSY')
      throw Object.assign(new Error(removed.errno), { code: removed.errno });
    return { left, removable: removed.known };
  } finally {
    fs.closeSync(fd);
  }
}

function tryFsync(directory: string): { fileMs: number; directoryMs: number } {
  const fd = fs.openSync(join(directory, 'synced'), 'w');
  const startedMs = performance.now();
  let fileMs = 0;
  try {
    fs.writeSync(fd, Buffer.alloc(4096));
    fs.fsyncSync(fd);
    fileMs = performance.now() - startedMs;
  } finally {
    fs.closeSync(fd);
  }
  const directoryFd = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(directoryFd);
  } finally {
    fs.closeSync(directoryFd);
  }
  return { fileMs, directoryMs: performance.now() - startedMs - fileMs };
}

/** File times are only as fine as the kernel's clock tick, so a few milliseconds say nothing. */
function measureSkew(directory: string): number {
  const path = join(directory, 'clock');
  const beforeMs = Date.now();
  fs.writeFileSync(path, 'x');
  const { mtimeMs } = fs.statSync(path);
  const afterMs = Date.now();
  if (mtimeMs < beforeMs - 10) return Math.round(mtimeMs - beforeMs);
  return mtimeMs > afterMs + 10 ? Math.round(mtimeMs - afterMs) : 0;
}

function examineRoot(root: string): Pick<Findings, 'space' | 'owner'> {
  return {
    space: attempt(() => {
      const { bavail, blocks, bsize, ffree, files } = fs.statfsSync(root);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeInodes: ffree, totalInodes: files };
    }),
    owner: attempt(() => {
      const { uid, gid, mode } = fs.statSync(root);
      const me = { uid: process.geteuid?.() ?? -1, gid: process.getegid?.() ?? -1 };
      return { uid, gid, mode: (mode & 0o7777).toString(8), me };
    }),
  };
}
