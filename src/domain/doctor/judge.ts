/** What the doctor's findings mean, and how to mend what is wrong. Pure. */
import type { Fact, Findings, PeerFindings } from './findings.ts';

/** `bad`: a promise can not be kept on this volume. `warn`: it is kept, and something else is wrong. */
export type Grade = 'good' | 'warn' | 'bad';

export interface Check {
  readonly name: string;
  readonly did: string;
  readonly saw: string;
  readonly means: string;
  readonly grade: Grade;
  /** How to mend it; undefined where there is nothing to mend. */
  readonly mend?: string;
}

/** `one machine only`: its locks are this kernel's own, and other machines know nothing of them. */
export type Verdict = 'safe' | 'one machine only' | 'unsafe';

export interface Diagnosis {
  readonly verdict: Verdict;
  /** Why that verdict, in one sentence. */
  readonly why: string;
  readonly checks: readonly Check[];
}

export function diagnose(findings: Findings): Diagnosis {
  const checks = findings.writable.known ? judgeAll(findings) : judgeUnwritable(findings);
  return { ...conclude(findings, checks), checks };
}

/** Where nothing can be written, one line says so, and none speaks of what was not tried. */
const judgeUnwritable = (findings: Findings): Check[] => [
  judgeMount(findings),
  judged(['writing', 'made a directory'], findings.writable, () => ({ saw: '', means: '', grade: 'good' })),
  judgeSpace(findings.space),
];

function judgeAll(findings: Findings): Check[] {
  return [
    judgeMount(findings),
    judgeLocks(findings.lockBetween),
    judgeKill(findings.lockAfterKill),
    judgeLink(findings.link),
    judgeRename(findings.renameOpen),
    judgeUnlink(findings.unlinkOpen),
    judgeFsync(findings.fsync),
    judgeSkew(findings.skewMs),
    judgeSpace(findings.space),
    judgeOwner(findings.owner),
    ...(findings.peer ? judgePeer(findings.peer) : []),
  ];
}

function conclude({ storage, peer }: Findings, checks: readonly Check[]): Pick<Diagnosis, 'verdict' | 'why'> {
  const bad = checks.filter(({ grade }) => grade === 'bad');
  if (bad.length > 0) return { verdict: 'unsafe', why: bad.map(({ name, saw }) => `${name}: ${saw}`).join('; ') };
  if (storage.coherence === 'machine') {
    const why = `${storage.type} belongs to one machine: brokers on others would have another volume, or none`;
    return { verdict: 'one machine only', why };
  }
  const seen = peer
    ? 'seen from two places at once'
    : 'its locks are kept by the server; --peer tries them from two places';
  return { verdict: 'safe', why: seen };
}

type Told = Omit<Check, 'name' | 'did'>;

/** A fact that is missing is as bad as the worst that it could have been. */
function judged<T>([name, did]: readonly [string, string], fact: Fact<T>, judge: (value: T) => Told): Check {
  if (fact.known) return { name, did, ...judge(fact.value) };
  const means = 'nothing can be promised on a volume where this fails';
  return { name, did, saw: `it failed: ${fact.errno}`, means, grade: 'bad', mend: mendOf(fact.errno) };
}

const mendOf = (errno: string): string =>
  ({
    EACCES: 'give the broker’s user the right to write there (fsGroup, chown)',
    EROFS: 'mount the volume for writing',
    ENOSPC: 'make room on the volume',
    ENOLCK: 'the server keeps no locks: start its lock manager, or mount with NFSv4',
    EOPNOTSUPP: 'the file system can not do this: use another, such as NFSv4, CephFS, ext4 or xfs',
    EPERM: 'the file system can not do this: use another, such as NFSv4, CephFS, ext4 or xfs',
  })[errno] ?? 'look at the kernel’s log and at the server';

function judgeMount({ storage, mountOptions }: Findings): Check {
  const base = {
    name: 'file system',
    did: 'read /proc/self/mountinfo',
    saw: [
      storage.type,
      ...mountOptions.filter((option) => /lock|^vers=|^(ro|rw|soft|hard|sync)$|brl/.test(option)),
    ].join(' '),
  };
  if (storage.coherence === 'machine')
    return { ...base, means: 'one kernel owns it, and its locks are the truth', grade: 'good' };
  if (storage.coherence === 'shared')
    return { ...base, means: 'the server keeps the locks for all machines', grade: 'good' };
  return {
    ...base,
    means: `locks on it prove nothing (${storage.why}): a claim rests on the record alone, and no death is ever proven by a lock`,
    grade: 'bad',
    mend: 'mount it without nolock, local_lock or nobrl, or use NFSv4, CephFS, ext4 or xfs',
  };
}

const judgeLocks = (fact: Findings['lockBetween']): Check =>
  judged(['locks between processes', 'locked a file in a second process, and tried it in this one'], fact, (seen) =>
    seen
      ? { saw: 'refused while the other held it', means: 'two brokers can not both hold an id lock', grade: 'good' }
      : {
          saw: 'both had the lock',
          means: 'an id lock keeps nobody out',
          grade: 'bad',
          mend: 'the locks are off or local (nolock, nobrl, a FUSE client without locks): mount it otherwise',
        },
  );

const judgeKill = (fact: Findings['lockAfterKill']): Check =>
  judged(['lock after a kill', 'killed the process that held it (SIGKILL), and tried the lock'], fact, (ms) =>
    ms === null
      ? {
          saw: 'it was never had',
          means: 'a dead broker’s id would stay taken',
          grade: 'bad',
          mend: 'the server does not see the end of a client’s process: look at its lock manager',
        }
      : { saw: `had after ${ms} ms`, means: 'a dead broker’s id is free as soon as that', grade: 'good' },
  );

const judgeLink = (fact: Findings['link']): Check =>
  judged(['link', 'linked a file to a new name, and once more to the same'], fact, ({ count, second }) =>
    count === 2 && second === 'EEXIST'
      ? { saw: 'link count 2, then EEXIST', means: 'a claim has one winner', grade: 'good' }
      : {
          saw: `link count ${count}, then ${second}`,
          means: 'two agents could both believe that they won a claim',
          grade: 'bad',
          mend: 'use a file system with hard links',
        },
  );

const judgeRename = (fact: Findings['renameOpen']): Check =>
  judged(
    ['rename of an open directory', 'renamed a directory with an open file in it, and wrote the file'],
    fact,
    (works) =>
      works
        ? { saw: 'it was written', means: 'Kafka can delete a topic', grade: 'good' }
        : {
            saw: 'what was written is not there',
            means: 'Kafka fails when it deletes a topic',
            grade: 'bad',
            mend: 'use another file system',
          },
  );

const judgeUnlink = (fact: Findings['unlinkOpen']): Check =>
  judged(['unlink of an open file', 'unlinked an open file, and removed its directory'], fact, ({ left, removable }) =>
    removable
      ? { saw: 'the directory was removed', means: 'Kafka can delete a partition that is being read', grade: 'good' }
      : {
          saw: `${left.join(' ') || 'something'} stayed until it was closed, and the directory could not be removed`,
          means:
            'NFS clients rename what is open (silly rename): Kafka may fail a log dir when it deletes a partition that is being read',
          grade: 'warn',
          mend: 'delete topics while no consumer reads them, or use a block volume for each broker',
        },
  );

const slowMs = 200;

const judgeFsync = (fact: Findings['fsync']): Check =>
  judged(['fsync', 'wrote 4 KiB, fsync of the file, then of its directory'], fact, ({ fileMs, directoryMs }) => {
    const saw = `${fileMs.toFixed(1)} ms and ${directoryMs.toFixed(1)} ms`;
    if (fileMs + directoryMs <= slowMs)
      return { saw, means: 'a claim is on disk before its broker starts', grade: 'good' };
    return {
      saw,
      means: 'a claim takes long, and Kafka’s flushes too',
      grade: 'warn',
      mend: 'look at the disk’s and the server’s load',
    };
  });

const skewLimitMs = 2000;

const judgeSkew = (fact: Findings['skewMs']): Check =>
  judged(['clock', 'made a file, and compared its time with this machine’s'], fact, (ms) => {
    const saw = `the volume is ${Math.abs(ms)} ms ${ms < 0 ? 'behind' : 'ahead'}`;
    if (Math.abs(ms) <= skewLimitMs)
      return { saw, means: 'no decision here reads a clock, and Kafka’s retention is right', grade: 'good' };
    return {
      saw,
      means: 'no decision here reads a clock, but Kafka’s retention by time will be wrong',
      grade: 'warn',
      mend: 'set both clocks by NTP',
    };
  });

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

const judgeSpace = (fact: Findings['space']): Check =>
  judged(['space', 'asked for free space and inodes'], fact, ({ freeBytes, totalBytes, freeInodes, totalInodes }) => {
    const inodes = totalInodes === 0 ? 'inodes are not counted' : `${freeInodes} of ${totalInodes} inodes free`;
    const saw = `${gib(freeBytes)} of ${gib(totalBytes)} free, ${inodes}`;
    if (freeBytes < 2 ** 20 || (totalInodes > 0 && freeInodes < 16)) {
      return { saw, means: 'no claim can be written', grade: 'bad', mend: 'make room on the volume' };
    }
    if (freeBytes < totalBytes / 20 || freeInodes < totalInodes / 20) {
      return { saw, means: 'it is nearly full', grade: 'warn', mend: 'make room, or Kafka will stop its log dirs' };
    }
    return { saw, means: 'there is room', grade: 'good' };
  });

const judgeOwner = (fact: Findings['owner']): Check =>
  judged(['rights', 'looked at the owner and mode of the volume’s root'], fact, ({ uid, gid, mode, me }) => {
    const saw = `${uid}:${gid} ${mode}, asked as ${me.uid}:${me.gid}`;
    if (me.uid !== 0) return { saw, means: 'this user can write here, as all the experiments did', grade: 'good' };
    const means = 'root can write here, which says nothing of the broker’s user';
    return { saw, means, grade: 'warn', mend: 'run the doctor as the user of the broker’s container' };
  });

function judgePeer({ here, there, lockSeen, lockPassedOn, links, seenAfterMs }: PeerFindings): Check[] {
  const apart = here.bootId === there.bootId ? 'the same machine' : 'another machine';
  const place = `${there.host}, ${apart}`;
  const lock: Check = {
    name: 'locks between places',
    did: `locked a file in one place, and tried it in the other (${place})`,
    saw: lockSeen
      ? lockPassedOn
        ? 'refused, then had'
        : 'refused, and not had when it was let go'
      : 'both had the lock',
    means:
      lockSeen && lockPassedOn
        ? 'an id lock keeps other machines out'
        : 'an id lock says nothing between these two places',
    grade: lockSeen && lockPassedOn ? 'good' : 'bad',
    ...(lockSeen && lockPassedOn
      ? {}
      : { mend: 'mount without nolock or local_lock, and look at the server’s lock manager' }),
  };
  const clean = links.two === 0 && links.none === 0;
  return [
    lock,
    {
      name: 'link race',
      did: `linked ${links.one + links.none + links.two} names from both places at once`,
      saw: `${links.one} with one winner, ${links.none} with none, ${links.two} with two`,
      means: clean
        ? 'a claim has one winner, wherever the agents are'
        : 'two agents could both believe that they won a claim',
      grade: clean ? 'good' : 'bad',
      ...(clean ? {} : { mend: 'use another file system' }),
    },
    {
      name: 'sight',
      did: 'waited for files that the other place made',
      saw: `seen after ${seenAfterMs} ms at most`,
      means: 'so old may a listing be',
      grade: 'good',
    },
  ];
}
