/**
 * A file system in memory for the explorer: names, inodes, and record locks that belong to open file descriptions.
 *
 * Everything in it is named after how it came about, never counted over the whole run, so that two schedules that lead to
 * the same situation lead to equal states.
 */
import type { Coherence } from '../../src/domain/mounts.ts';
import type { Effect, Entry, LockHandle, Outcome } from '../../src/domain/protocol/effects.ts';

/** An open file description, and who has a descriptor of it. */
export interface Description {
  readonly inode: string;
  /** The machine whose kernel opened it. */
  readonly machine: string;
  /** Names of processes: `a` is an agent, `a's broker` its broker. Empty: closed by all. */
  readonly holders: readonly string[];
  /** The server forgot this machine's locks: the description is good for nothing any more. */
  readonly lost: boolean;
}

export interface ModelVolume {
  /** Path to inode; `dir` for a directory. */
  readonly names: ReadonlyMap<string, string>;
  /** Inode to content. */
  readonly texts: ReadonlyMap<string, string>;
  readonly descriptions: ReadonlyMap<number, Description>;
  /** Locked inode to the description that has its lock. */
  readonly locks: ReadonlyMap<string, number>;
  /** Names that no fsync has made durable yet. */
  readonly unsynced: ReadonlySet<string>;
}

export type VolumeEffect = Extract<
  Effect,
  {
    op:
      | 'list'
      | 'read'
      | 'create'
      | 'link'
      | 'unlink'
      | 'makeDirectory'
      | 'removeDirectory'
      | 'syncDirectory'
      | 'openLock'
      | 'tryLock'
      | 'isSameFile'
      | 'readLock'
      | 'writeLock'
      | 'closeLock'
      | 'probeKafkaLock'
      | 'areLocked';
  }
>;

/** Who makes a call. */
export interface Caller {
  readonly process: string;
  readonly machine: string;
  readonly coherence: Coherence;
}

export interface Answered {
  readonly volume: ModelVolume;
  readonly answer: unknown;
}

export const emptyVolume: ModelVolume = {
  names: new Map([['.', 'dir']]),
  texts: new Map(),
  descriptions: new Map(),
  locks: new Map(),
  unsynced: new Set(),
};

const ok = <T>(value: T): Outcome<T> => ({ ok: true, value });
const fail = (errno: string): Outcome<never> => ({ ok: false, errno });
const done = ok(undefined);

const parentOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.');
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export function childrenOf({ names }: ModelVolume, directory: string): Entry[] {
  const entries: Entry[] = [];
  for (const [path, inode] of names) {
    if (path !== '.' && parentOf(path) === directory)
      entries.push({ name: nameOf(path), isDirectory: inode === 'dir' });
  }
  return entries;
}

const withName = (volume: ModelVolume, path: string, inode: string): ModelVolume => ({
  ...volume,
  names: new Map(volume.names).set(path, inode),
  unsynced: new Set(volume.unsynced).add(path),
});

export function withoutName(volume: ModelVolume, path: string): ModelVolume {
  const names = new Map(volume.names);
  names.delete(path);
  const unsynced = new Set(volume.unsynced);
  unsynced.delete(path);
  return withoutOrphans({ ...volume, names, unsynced });
}

/** An inode lives as long as a name or a description has it. */
function withoutOrphans(volume: ModelVolume): ModelVolume {
  const used = new Set(volume.names.values());
  for (const { inode } of volume.descriptions.values()) used.add(inode);
  const texts = [...volume.texts].filter(([inode]) => used.has(inode));
  return texts.length === volume.texts.size ? volume : { ...volume, texts: new Map(texts) };
}

export function withFile(volume: ModelVolume, path: string, text: string): ModelVolume {
  let inode = path;
  while (volume.texts.has(inode)) inode += "'";
  return { ...withName(volume, path, inode), texts: new Map(volume.texts).set(inode, text) };
}

/** On storage that keeps no locks, everybody gets one. */
const lockName = (inode: string, handle: number, { coherence }: Pick<Caller, 'coherence'>): string =>
  coherence === 'untrusted' ? `${inode} by ${handle}` : inode;

// One line an effect: splitting it would hide that they are all there.
// eslint-disable-next-line complexity
export function performOnModel(volume: ModelVolume, effect: VolumeEffect, caller: Caller): Answered {
  switch (effect.op) {
    case 'list':
      return { volume, answer: list(volume, effect.path) };
    case 'read':
      return { volume, answer: read(volume, effect.path) };
    case 'create':
      return create(volume, effect.path, effect.text);
    case 'link':
      return link(volume, effect.existing, effect.name);
    case 'unlink':
      return volume.names.has(effect.path)
        ? { volume: withoutName(volume, effect.path), answer: done }
        : { volume, answer: fail('ENOENT') };
    case 'makeDirectory':
      return makeDirectory(volume, effect.path);
    case 'removeDirectory':
      return removeDirectory(volume, effect.path);
    case 'syncDirectory':
      return { volume: syncDirectory(volume, effect.path), answer: done };
    case 'openLock':
      return openLock(volume, effect, caller);
    case 'tryLock':
      return tryLock(volume, effect.handle, caller);
    case 'isSameFile':
      return { volume, answer: isSameFile(volume, effect.handle, effect.path) };
    case 'readLock':
      return { volume, answer: readLock(volume, effect.handle) };
    case 'writeLock':
      return writeLock(volume, effect.handle, effect.text);
    case 'closeLock':
      return { volume: close(volume, effect.handle, caller.process), answer: undefined };
    case 'probeKafkaLock':
      return { volume, answer: probe(volume, effect.path, caller) };
    case 'areLocked':
      return { volume, answer: effect.paths.map((path) => lockedBy(volume, path, caller) !== undefined) };
  }
}

function list(volume: ModelVolume, path: string): Outcome<Entry[]> {
  if (!volume.names.has(path)) return fail('ENOENT');
  return volume.names.get(path) === 'dir' ? ok(childrenOf(volume, path)) : fail('ENOTDIR');
}

function read({ names, texts }: ModelVolume, path: string): Outcome<string> {
  const inode = names.get(path);
  return inode === undefined ? fail('ENOENT') : ok(texts.get(inode) ?? '');
}

function create(volume: ModelVolume, path: string, text: string): Answered {
  if (volume.names.has(path)) return { volume, answer: fail('EEXIST') };
  if (!volume.names.has(parentOf(path))) return { volume, answer: fail('ENOENT') };
  return { volume: withFile(volume, path, text), answer: done };
}

function link(volume: ModelVolume, existing: string, name: string): Answered {
  const inode = volume.names.get(existing);
  if (inode === undefined || !volume.names.has(parentOf(name))) return { volume, answer: fail('ENOENT') };
  if (volume.names.has(name)) return { volume, answer: fail('EEXIST') };
  return { volume: withName(volume, name, inode), answer: done };
}

function makeDirectory(volume: ModelVolume, path: string): Answered {
  if (volume.names.has(path)) return { volume, answer: fail('EEXIST') };
  if (!volume.names.has(parentOf(path))) return { volume, answer: fail('ENOENT') };
  return { volume: withName(volume, path, 'dir'), answer: done };
}

function removeDirectory(volume: ModelVolume, path: string): Answered {
  if (!volume.names.has(path)) return { volume, answer: fail('ENOENT') };
  if (childrenOf(volume, path).length > 0) return { volume, answer: fail('ENOTEMPTY') };
  return { volume: withoutName(volume, path), answer: done };
}

/** As ext4, xfs and NFS servers do it: the names in it, and its own. */
function syncDirectory(volume: ModelVolume, path: string): ModelVolume {
  const unsynced = [...volume.unsynced].filter((name) => name !== path && parentOf(name) !== path);
  return { ...volume, unsynced: new Set(unsynced) };
}

function openLock(volume: ModelVolume, { path, make }: VolumeEffect & { op: 'openLock' }, caller: Caller): Answered {
  if (!volume.names.has(parentOf(path))) return { volume, answer: fail('ENOENT') };
  if (!volume.names.has(path) && !make) return { volume, answer: fail('ENOENT') };
  const made = volume.names.has(path) ? volume : withFile(volume, path, '');
  return openFile(made, path, caller);
}

/** Each process counts its own, as kernels do, but no two have the same numbers. */
const firstHandleOf = (process: string): number => {
  let sum = 0;
  for (const letter of process) sum = (sum * 31 + letter.charCodeAt(0)) % 100_003;
  return sum * 10;
};

export function openFile(volume: ModelVolume, path: string, { process, machine }: Omit<Caller, 'coherence'>): Answered {
  let handle = firstHandleOf(process);
  while (volume.descriptions.has(handle)) handle += 1;
  const inode = volume.names.get(path) ?? '';
  const descriptions = new Map(volume.descriptions);
  descriptions.set(handle, { inode, machine, holders: [process], lost: false });
  return { volume: { ...volume, descriptions }, answer: ok(handle as LockHandle) };
}

export function tryLock(volume: ModelVolume, handle: number, caller: Pick<Caller, 'coherence'>): Answered {
  const description = volume.descriptions.get(handle);
  if (!description) return { volume, answer: fail('EBADF') };
  if (description.lost) return { volume, answer: fail('EIO') };
  const name = lockName(description.inode, handle, caller);
  const owner = volume.locks.get(name);
  if (owner !== undefined) return { volume, answer: ok(owner === handle) };
  return { volume: { ...volume, locks: new Map(volume.locks).set(name, handle) }, answer: ok(true) };
}

function isSameFile({ descriptions, names }: ModelVolume, handle: number, path: string): Outcome<boolean> {
  const inode = names.get(path);
  return inode === undefined ? fail('ENOENT') : ok(descriptions.get(handle)?.inode === inode);
}

function readLock({ descriptions, texts }: ModelVolume, handle: number): Outcome<string> {
  const description = descriptions.get(handle);
  if (!description || description.lost) return fail(description ? 'EIO' : 'EBADF');
  return ok(texts.get(description.inode) ?? '');
}

function writeLock(volume: ModelVolume, handle: number, text: string): Answered {
  const description = volume.descriptions.get(handle);
  if (!description || description.lost) return { volume, answer: fail(description ? 'EIO' : 'EBADF') };
  return { volume: { ...volume, texts: new Map(volume.texts).set(description.inode, text) }, answer: done };
}

/** One process closes its descriptor; the lock goes with the last. */
export function close(volume: ModelVolume, handle: number, process: string): ModelVolume {
  const description = volume.descriptions.get(handle);
  if (!description) return volume;
  const holders = description.holders.filter((holder) => holder !== process);
  const descriptions = new Map(volume.descriptions);
  if (holders.length > 0) return { ...volume, descriptions: descriptions.set(handle, { ...description, holders }) };
  descriptions.delete(handle);
  const locks = new Map([...volume.locks].filter(([, owner]) => owner !== handle));
  return withoutOrphans({ ...volume, descriptions, locks });
}

/** A process dies: the kernel closes its descriptors. */
export function closeAll(volume: ModelVolume, process: string): ModelVolume {
  let left = volume;
  for (const [handle, { holders }] of volume.descriptions) {
    if (holders.includes(process)) left = close(left, handle, process);
  }
  return left;
}

/** Another process inherits a descriptor. */
export function inherit(volume: ModelVolume, handle: number, process: string): ModelVolume {
  const description = volume.descriptions.get(handle);
  if (!description) throw new Error(`no descriptor ${handle} to inherit`);
  const holders = [...description.holders, process];
  return { ...volume, descriptions: new Map(volume.descriptions).set(handle, { ...description, holders }) };
}

/** The server gives up the locks of one machine: its lease has run out. */
export function loseLocks(volume: ModelVolume, machine: string): ModelVolume {
  const descriptions = new Map(volume.descriptions);
  for (const [handle, description] of volume.descriptions) {
    if (description.machine === machine) descriptions.set(handle, { ...description, lost: true });
  }
  const lost = (owner: number): boolean => descriptions.get(owner)?.lost === true;
  return { ...volume, descriptions, locks: new Map([...volume.locks].filter(([, owner]) => !lost(owner))) };
}

/** The power fails: names that were never synced are gone. */
export function forgetUnsynced(volume: ModelVolume): ModelVolume {
  const gone = [...volume.unsynced];
  const isGone = (path: string): boolean => gone.some((name) => path === name || path.startsWith(`${name}/`));
  const names = new Map([...volume.names].filter(([path]) => !isGone(path)));
  return withoutOrphans({ ...volume, names, unsynced: new Set() });
}

/** Which description holds the lock on a path, as far as one can see who tries it. */
function lockedBy(volume: ModelVolume, path: string, { coherence }: Pick<Caller, 'coherence'>): number | undefined {
  const inode = volume.names.get(path);
  return inode === undefined || coherence === 'untrusted' ? undefined : volume.locks.get(inode);
}

function probe(volume: ModelVolume, path: string, caller: Caller): Outcome<'free' | 'held' | 'absent'> {
  if (!volume.names.has(path)) return ok('absent');
  return ok(lockedBy(volume, path, caller) === undefined ? 'free' : 'held');
}
