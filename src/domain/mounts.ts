/** What a mount's type and options say of record locks taken on it. Source: proc(5), `/proc/<pid>/mountinfo`. */

/**
 * `machine`: one kernel owns the file system, and its locks are the truth. `shared`: a protocol carries them between
 * machines (NFSv4, CephFS). `untrusted`: they may be local to a machine, lost in silence, or not kept at all.
 */
export type Coherence = 'machine' | 'shared' | 'untrusted';

export interface Storage {
  readonly type: string;
  readonly coherence: Coherence;
  /** The reason in a few words, for messages. */
  readonly why: string;
}

export interface Mount {
  readonly mountPoint: string;
  readonly type: string;
  readonly options: readonly string[];
}

const kernelsOwn = new Set(
  'bcachefs btrfs ext2 ext3 ext4 f2fs jfs nilfs2 overlay ramfs reiserfs tmpfs xfs zfs'.split(' '),
);
const sharedCoherent = new Set(['nfs4', 'ceph']);
/** Options that keep locks on the client, or off: nfs(5), mount.cifs(8). */
const localLockOption = /^(nolock|local_lock=(?!none$).+|nobrl)$/;

/** Reads mountinfo. Octal escapes (`\040`) stand for blanks in paths. Lines that do not parse are left out. */
export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [left, right] = line.split(' - ');
    const fields = left?.split(' ') ?? [];
    const tail = right?.split(' ') ?? [];
    const [mountPoint, options] = [fields[4], fields[5]];
    if (mountPoint === undefined || options === undefined || tail[0] === undefined) continue;
    mounts.push({
      mountPoint: mountPoint.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8))),
      type: tail[0],
      options: [...options.split(','), ...(tail[2]?.split(',') ?? [])],
    });
  }
  return mounts;
}

/** The mount that a real (symlink-free) absolute path lies on: the longest mount point above it, the latest wins. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const below = mount.mountPoint === '/' || path === mount.mountPoint || path.startsWith(`${mount.mountPoint}/`);
    if (below && mount.mountPoint.length >= (best?.mountPoint.length ?? 0)) best = mount;
  }
  return best;
}

export function judgeStorage(mount: Mount | undefined): Storage {
  if (!mount) return { type: 'unknown', coherence: 'untrusted', why: 'its mount could not be found' };
  const { type } = mount;
  if (kernelsOwn.has(type)) return { type, coherence: 'machine', why: `${type} on one machine` };
  const option = mount.options.find((entry) => localLockOption.test(entry));
  if (option !== undefined) return { type, coherence: 'untrusted', why: `${type} mounted with ${option}` };
  if (sharedCoherent.has(type)) return { type, coherence: 'shared', why: `${type}, locks kept by the server` };
  return { type, coherence: 'untrusted', why: `file system type ${type}` };
}
