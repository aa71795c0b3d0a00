import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { judgeStorage, mountOf, parseMountinfo } from '../../src/domain/mounts.ts';

const test = suite('mounts');

const mountinfo = `
22 1 254:1 / / rw,relatime - ext4 /dev/root rw
30 22 0:26 / /data rw,relatime shared:5 - nfs4 server:/export rw,vers=4.2,local_lock=none
31 30 0:27 / /data/scratch rw - tmpfs tmpfs rw,size=64k
32 22 0:28 / /with\\040blank rw - xfs /dev/sdb rw
33 30 0:29 / /data/scratch rw - fuse.glusterfs gluster rw
broken line
`;

for (const [path, point, type] of [
  ['/', '/', 'ext4'],
  ['/database', '/', 'ext4'],
  ['/data', '/data', 'nfs4'],
  ['/data/kafka/x', '/data', 'nfs4'],
  ['/with blank/x', '/with blank', 'xfs'],
  // Mounted over one another: the latest is what one sees.
  ['/data/scratch/x', '/data/scratch', 'fuse.glusterfs'],
] as const) {
  test(`${path} lies on ${point}`, () => {
    const mount = mountOf(parseMountinfo(mountinfo), path);
    assert.equal([mount?.mountPoint, mount?.type], [point, type]);
  });
}

// Mutant caught: localLockOption that does not know local_lock.
for (const [type, options, coherence] of [
  ['ext4', 'rw', 'machine'],
  ['xfs', 'rw', 'machine'],
  ['tmpfs', 'rw', 'machine'],
  ['overlay', 'rw', 'machine'],
  ['nfs4', 'rw,vers=4.2,local_lock=none', 'shared'],
  ['nfs4', 'rw,local_lock=all', 'untrusted'],
  ['nfs4', 'rw,local_lock=posix', 'untrusted'],
  ['nfs4', 'rw,nolock', 'untrusted'],
  ['ceph', 'rw', 'shared'],
  ['nfs', 'rw,vers=3', 'untrusted'],
  ['nfs', 'rw,nolock', 'untrusted'],
  ['cifs', 'rw,nobrl', 'untrusted'],
  ['cifs', 'rw', 'untrusted'],
  ['fuse.glusterfs', 'rw', 'untrusted'],
  ['fuse.something', 'rw', 'untrusted'],
  ['9p', 'rw', 'untrusted'],
] as const) {
  test(`${type} with ${options} is ${coherence}`, () => {
    const storage = judgeStorage({ mountPoint: '/', type, options: options.split(',') });
    assert.is(storage.coherence, coherence);
    assert.match(storage.why, type);
  });
}

test('a mount that can not be found is trusted with nothing', () => {
  assert.is(judgeStorage(mountOf([], '/x')).coherence, 'untrusted');
});

test.run();
