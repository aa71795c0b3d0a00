import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Findings, PeerFindings } from '../../src/domain/doctor/findings.ts';
import { diagnose, type Verdict } from '../../src/domain/doctor/judge.ts';

const test = suite('the diagnosis');
const known = <T>(value: T) => ({ known: true, value }) as const;
const failed = (errno: string) => ({ known: false, errno }) as const;

const sound: Findings = {
  storage: { type: 'nfs4', coherence: 'shared', why: 'nfs4, locks kept by the server' },
  mountOptions: ['rw', 'vers=4.2', 'local_lock=none'],
  writable: known(true),
  lockBetween: known(true),
  lockAfterKill: known(3),
  link: known({ count: 2, second: 'EEXIST' }),
  renameOpen: known(true),
  unlinkOpen: known({ left: [], removable: true }),
  fsync: known({ fileMs: 1, directoryMs: 1 }),
  skewMs: known(0),
  space: known({ freeBytes: 2 ** 34, totalBytes: 2 ** 35, freeInodes: 1000, totalInodes: 2000 }),
  owner: known({ uid: 1000, gid: 1000, mode: '2770', me: { uid: 1000, gid: 1000 } }),
  peer: undefined,
};
const peer: PeerFindings = {
  here: { host: 'a', bootId: '1' },
  there: { host: 'b', bootId: '2' },
  lockSeen: true,
  lockPassedOn: true,
  links: { one: 50, none: 0, two: 0 },
  seenAfterMs: 10,
};
const gluster = { type: 'fuse.glusterfs', coherence: 'untrusted', why: 'file system type fuse.glusterfs' } as const;
const ext4 = { type: 'ext4', coherence: 'machine', why: 'ext4 on one machine' } as const;

const table: readonly (readonly [string, Partial<Findings>, Verdict, string | undefined])[] = [
  ['NFSv4', {}, 'safe', undefined],
  ['NFSv4, seen from two places', { peer }, 'safe', undefined],
  ['a local disk', { storage: ext4 }, 'one machine only', undefined],
  ['GlusterFS, however well its locks look', { storage: gluster, peer }, 'unsafe', 'file system'],
  [
    'a user without the right to write',
    { writable: failed('EACCES'), lockBetween: failed('EACCES') },
    'unsafe',
    'writing',
  ],
  ['locks that exclude nobody', { lockBetween: known(false) }, 'unsafe', 'locks between processes'],
  ['locks that can not be taken', { lockBetween: failed('ENOLCK') }, 'unsafe', 'locks between processes'],
  ['a lock that outlives its holder', { lockAfterKill: known(null) }, 'unsafe', 'lock after a kill'],
  ['no hard links', { link: failed('EPERM') }, 'unsafe', 'link'],
  ['a link that is a copy', { link: known({ count: 1, second: 'EEXIST' }) }, 'unsafe', 'link'],
  ['a link that overwrites', { link: known({ count: 2, second: 'success' }) }, 'unsafe', 'link'],
  ['a lost open file', { renameOpen: known(false) }, 'unsafe', 'rename of an open directory'],
  ['silly rename', { unlinkOpen: known({ left: ['.nfs1'], removable: false }) }, 'safe', 'unlink of an open file'],
  ['a slow disk', { fsync: known({ fileMs: 900, directoryMs: 1 }) }, 'safe', 'fsync'],
  ['another time', { skewMs: known(-90_000) }, 'safe', 'clock'],
  [
    'no inodes',
    { space: known({ freeBytes: 2 ** 30, totalBytes: 2 ** 30, freeInodes: 3, totalInodes: 9 }) },
    'unsafe',
    'space',
  ],
  [
    'inodes not counted',
    { space: known({ freeBytes: 2 ** 30, totalBytes: 2 ** 30, freeInodes: 0, totalInodes: 0 }) },
    'safe',
    undefined,
  ],
  [
    'nearly full',
    { space: known({ freeBytes: 2 ** 30, totalBytes: 2 ** 36, freeInodes: 99, totalInodes: 99 }) },
    'safe',
    'space',
  ],
  ['asked as root', { owner: known({ uid: 0, gid: 0, mode: '755', me: { uid: 0, gid: 0 } }) }, 'safe', 'rights'],
  ['locks local to each place', { peer: { ...peer, lockSeen: false } }, 'unsafe', 'locks between places'],
  ['two winners', { peer: { ...peer, links: { one: 49, none: 0, two: 1 } } }, 'unsafe', 'link race'],
];
for (const [name, change, verdict, complaint] of table) {
  test(`${name}: ${verdict}`, () => {
    const diagnosis = diagnose({ ...sound, ...change });
    assert.is(diagnosis.verdict, verdict, diagnosis.why);
    const complaints = diagnosis.checks.filter(({ grade }) => grade !== 'good');
    assert.equal(
      complaints.map((check) => check.name),
      complaint === undefined ? [] : [complaint],
    );
    assert.ok(
      complaints.every(({ mend }) => mend !== undefined),
      'whatever is wrong can be mended',
    );
  });
}

test.run();
