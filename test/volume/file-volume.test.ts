/** What the protocol relies on, on the real file system. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LockHandle, Outcome } from '../../src/domain/protocol/effects.ts';
import type { Volume } from '../../src/ports.ts';
import { openVolume } from '../../src/volume/file-volume.ts';
import { openStartQueue } from '../../src/volume/start-queue.ts';
import { until } from '../support/agent.ts';

interface Context {
  root: string;
  volume: Volume;
}
const test = suite<Context>('the volume', {} as Context);
test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), 'volume-'));
  context.volume = openVolume(context.root);
});
test.after.each(({ root }) => rmSync(root, { recursive: true }));

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.errno);
  return outcome.value;
}
const errnoOf = (outcome: Outcome<unknown>): string => (outcome.ok ? 'none' : outcome.errno);

test('errors of the system are values with their names', ({ root, volume }) => {
  mkdirSync(join(root, 'full/x'), { recursive: true });
  writeFileSync(join(root, 'file'), '');
  assert.is(errnoOf(volume.read('nothing')), 'ENOENT');
  assert.is(errnoOf(volume.read('file/below')), 'ENOTDIR');
  assert.is(errnoOf(volume.list('file')), 'ENOTDIR');
  assert.is(errnoOf(volume.makeDirectory('full')), 'EEXIST');
  assert.is(errnoOf(volume.removeDirectory('full')), 'ENOTEMPTY');
  assert.is(errnoOf(volume.unlink('nothing')), 'ENOENT');
  assert.is(errnoOf(volume.create('file', 'x')), 'EEXIST');
  assert.is(errnoOf(volume.openLock('no/such/lock', true)), 'ENOENT');
});

test('a link gives a second name, and never takes one that exists', ({ root, volume }) => {
  valueOf(volume.create('a', 'first'));
  valueOf(volume.create('b', 'second'));
  valueOf(volume.link('a', 'name'));
  assert.is(errnoOf(volume.link('b', 'name')), 'EEXIST');
  assert.is(errnoOf(volume.link('nothing', 'other')), 'ENOENT');
  valueOf(volume.unlink('a'));
  assert.is(valueOf(volume.read('name')), 'first');
  valueOf(volume.syncDirectory('.'));
  assert.equal(readdirSync(root).sort(), ['b', 'name']);
});

test('an exclusive lock excludes every other description, and ends when it is closed', ({ volume }) => {
  const one = valueOf(volume.openLock('lock', true));
  const other = valueOf(volume.openLock('lock', true));
  assert.equal([valueOf(volume.tryLock(one)), valueOf(volume.tryLock(one))], [true, true]);
  assert.is(valueOf(volume.tryLock(other)), false);
  // Closing another descriptor of the same file drops a POSIX lock, and must not drop this one.
  volume.closeLock(other);
  assert.equal(volume.areLocked(['lock', 'nothing']), [true, false]);
  assert.is(valueOf(volume.lockState('lock')), 'held');
  volume.closeLock(one);
  assert.equal(volume.areLocked(['lock']), [false]);
  assert.is(valueOf(volume.lockState('lock')), 'free');
  assert.is(valueOf(volume.lockState('nothing')), 'absent');
});

test('a lock lives as long as the last process that inherited it', async ({ volume }) => {
  const handle = valueOf(volume.openLock('lock', true));
  assert.ok(valueOf(volume.tryLock(handle)));
  const child = spawn('sleep', ['1000'], { stdio: ['ignore', 'ignore', 'ignore', handle] });
  await once(child, 'spawn');
  volume.closeLock(handle);
  assert.equal(volume.areLocked(['lock']), [true]);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  assert.equal(volume.areLocked(['lock']), [false]);
});

test('a descriptor knows whether the path still names its file', ({ root, volume }) => {
  const handle = valueOf(volume.openLock('lock', true));
  assert.ok(valueOf(volume.isSameFile(handle, 'lock')));
  renameSync(join(root, 'lock'), join(root, 'moved'));
  assert.is(errnoOf(volume.isSameFile(handle, 'lock')), 'ENOENT');
  writeFileSync(join(root, 'lock'), '');
  assert.not.ok(valueOf(volume.isSameFile(handle, 'lock')));
  volume.closeLock(handle);
});

test('the content of a lock file is written in place', ({ root, volume }) => {
  const handle = valueOf(volume.openLock('lock', true));
  assert.is(valueOf(volume.readLock(handle)), '');
  for (const letter of ['a', 'b']) {
    valueOf(volume.writeLock(handle, letter.repeat(512)));
    assert.is(valueOf(volume.readLock(handle)), letter.repeat(512));
  }
  assert.is(readFileSync(join(root, 'lock')).length, 512);
  volume.closeLock(handle);
  assert.is(errnoOf(volume.writeLock(handle, 'x'.repeat(512))), 'EBADF');
});

test("a broker's .lock is tried without being made, and let go again", ({ root, volume }) => {
  assert.is(valueOf(volume.probeKafkaLock('.lock')), 'absent');
  assert.equal(readdirSync(root), []);
  writeFileSync(join(root, '.lock'), '');
  assert.is(valueOf(volume.probeKafkaLock('.lock')), 'free');
  const holder: LockHandle = valueOf(volume.openLock('.lock', true));
  assert.ok(valueOf(volume.tryLock(holder)), 'the probe let go');
  assert.is(valueOf(volume.probeKafkaLock('.lock')), 'held');
  assert.is(valueOf(volume.probeKafkaLock('.lock')), 'held', 'the probe did not drop the lock of another');
  volume.closeLock(holder);
});

test('the root is listed within a deadline', async ({ root, volume }) => {
  mkdirSync(join(root, 'kafka-logs-0'));
  const { signal } = new AbortController();
  assert.equal(await volume.listRoot({ timeoutMs: 5000, signal }), {
    ok: true,
    value: [{ name: 'kafka-logs-0', isDirectory: true }],
  });
  const gone = await openVolume(join(root, 'nowhere')).listRoot({ timeoutMs: 5000, signal });
  assert.is(gone === 'silent' ? '' : errnoOf(gone), 'ENOENT');
  assert.is(
    await volume.listRoot({ timeoutMs: 5000, signal: AbortSignal.timeout(0) }).then(() => 'answered'),
    'answered',
  );
});

test('starters take turns, and nobody waits for longer than told', async ({ root }) => {
  mkdirSync(join(root, '.barnabas/tmp'), { recursive: true });
  const [first, second] = [openStartQueue(root), openStartQueue(root)];
  await first.enter(1000);
  const order: string[] = [];
  const waiting = second.enter(5000).then(() => order.push('second'));
  await until(() => readdirSync(join(root, '.barnabas/tmp')).includes('starters.lock'), 'the turn');
  order.push('first leaves');
  await first.leave();
  await waiting;
  assert.equal(order, ['first leaves', 'second']);
  const third = openStartQueue(root);
  await third.enter(100);
  await third.leave();
  await second.leave();
  assert.equal(readdirSync(join(root, '.barnabas/tmp')), []);
});

test('where nobody can queue one does without', async ({ root }) => {
  const queue = openStartQueue(root);
  await queue.enter(100);
  await queue.leave();
});

test('a lock outlives the garbage collector', async ({ volume }) => {
  valueOf(volume.tryLock(valueOf(volume.openLock('lock', true))));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round += 1) {
    collect();
    // What was collected is finalised in a turn of its own.
    await new Promise((done) => setImmediate(done));
  }
  const other = valueOf(volume.openLock('lock', true));
  assert.not.ok(valueOf(volume.tryLock(other)));
  volume.closeLock(other);
});

test.run();
