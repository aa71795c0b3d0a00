/** The claim on a real directory, with faults in single calls. */
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseRecord, serialise, type ClaimRecord } from '../../../src/domain/record.ts';
import { serialiseLockNote, type LockNote } from '../../../src/domain/lock-note.ts';
import type { ClaimResult } from '../../../src/domain/protocol/claim.ts';
import { VolumeFailure } from '../../../src/domain/protocol/failure.ts';
import type { Volume } from '../../../src/ports.ts';
import { onNothing, onServer, openLab, requestOf, type Lab } from '../../support/protocol.ts';

const test = suite<{ lab: Lab }>('the claim', {} as { lab: Lab });
test.before.each((context) => {
  context.lab = openLab();
});
test.after.each(({ lab }) => lab.remove());

const summary = (result: ClaimResult) =>
  result.kind === 'claimed'
    ? [result.claimed.brokerId, result.claimed.generation, result.claimed.evidence]
    : [result.kind, ...result.decisions.map(({ id, verdict }) => `${id} ${verdict}`)];

const claimPath = (lab: Lab, name: string): string => join(lab.root, '.barnabas/claims', name);
const readRecord = (lab: Lab, id: number, generation: number): ClaimRecord => {
  const path = claimPath(lab, `${id}/g${String(generation).padStart(8, '0')}`);
  const parsed = parseRecord(readFileSync(path, 'utf8'), { id, generation });
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.value;
};

/** A link that is done, and whose answer is an error all the same: a reply that was lost on the way. */
const lostReply =
  (errno: string) =>
  (real: Volume): Partial<Volume> => ({
    link(existing, name) {
      real.link(existing, name);
      return { ok: false, errno };
    },
  });

// Mutant caught: publish() that believes the answer of link and does not read the name back.
for (const errno of ['EEXIST', 'EIO', 'ETIMEDOUT']) {
  test(`a link that was done and answered ${errno} is ours`, async ({ lab }) => {
    assert.equal(summary(await lab.claim({}, { calls: lostReply(errno) })), [0, 1, 'new']);
    assert.equal(readdirSync(join(lab.root, '.barnabas/tmp')), []);
  });
}

test('a link that was not done is a failure, and leaves neither record nor log dir', async ({ lab }) => {
  const calls = (real: Volume): Partial<Volume> => ({
    link: (existing, name) => (name.includes('/g0') ? { ok: false, errno: 'EIO' } : real.link(existing, name)),
  });
  try {
    await lab.claim({}, { calls });
    assert.unreachable();
  } catch (error) {
    assert.ok(error instanceof VolumeFailure && error.doing === 'link' && error.errno === 'EIO', String(error));
  }
  assert.equal(readdirSync(lab.root), ['.barnabas']);
  assert.equal(readdirSync(claimPath(lab, '0')), ['lock']);
  assert.equal(summary(await lab.claim()), [0, 1, 'new']);
});

test('whoever links second has lost that id, and takes the next', async ({ lab }) => {
  let raced = false;
  const calls = (real: Volume): Partial<Volume> => ({
    link(existing, name) {
      if (name.endsWith('claims/0/g00000001') && !raced) {
        raced = true;
        writeFileSync(
          join(lab.root, name),
          serialise({ ...readMine(lab, existing), pod: requestOf('b').pod, nonce: 'other' }),
        );
      }
      return real.link(existing, name);
    },
  });
  // On such storage two can hold the id lock at once, and the link alone decides.
  assert.equal(summary(await lab.claim({ storage: onNothing }, { calls })), [1, 1, 'new']);
  assert.is(readRecord(lab, 0, 1).pod.name, 'b');
});

const readMine = (lab: Lab, path: string): ClaimRecord =>
  JSON.parse(readFileSync(join(lab.root, path), 'utf8')) as ClaimRecord;

// Mutant caught: takeLock() without isSameFile.
test('a lock file that was replaced while it was being locked is not believed', async ({ lab }) => {
  lab.die(await lab.claim());
  const calls = (real: Volume): Partial<Volume> => ({
    openLock(path, make) {
      const opened = real.openLock(path, make);
      if (path.includes('/0/')) {
        renameSync(join(lab.root, path), join(lab.root, `${path}.moved`));
        writeFileSync(join(lab.root, path), '');
      }
      return opened;
    },
  });
  const { decisions } = await lab.claim({ ...requestOf('b'), cluster: { firstId: 0, brokers: 1 } }, { calls });
  assert.equal(
    decisions.map(({ verdict, why }) => [verdict, why]),
    [['held', 'its lock file was replaced while it was being locked']],
  );
});

test("the record of another generation than the survey's is another's claim", async ({ lab }) => {
  lab.die(await lab.claim());
  let armed = true;
  const calls = (real: Volume): Partial<Volume> => ({
    tryLock(handle) {
      const path = claimPath(lab, '0/g00000002');
      if (armed) writeFileSync(path, serialise({ ...readRecord(lab, 0, 1), generation: 2 }));
      armed = false;
      return real.tryLock(handle);
    },
  });
  const { decisions } = await lab.claim(
    { ...requestOf('b'), waitMs: 0, cluster: { firstId: 0, brokers: 1 } },
    { calls },
  );
  // Nobody noted generation 2 in the lock's file, so its being free says nothing of who published it.
  const why = 'held by pod "a" on node-a: its lock file is not the one that it was claimed with';
  assert.equal(decisions, [{ id: 0, logDir: 'kafka-logs-0', verdict: 'held', why }]);
});

// Mutant caught: attemptLocked() without prove().
test('unknown means held: another boot without a node, a lock that proves nothing, init mode', async ({ lab }) => {
  lab.die(await lab.claim());
  const one = { cluster: { firstId: 0, brokers: 1 }, waitMs: 0 } as const;
  const b = requestOf('b');
  for (const change of [
    { self: { ...b.self, bootId: 'another', node: 'node-b' } },
    { self: { ...b.self, bootId: 'another', node: undefined } },
    { storage: onNothing },
  ]) {
    assert.equal(summary(await lab.claim({ ...b, ...one, ...change })), ['deadline', '0 held'], JSON.stringify(change));
  }
  assert.equal(summary(await lab.claim({ ...b, ...one })), [0, 2, 'lock-local']);
});

test('somebody outside may know more: dead is claimed, stopping is waited for, and nothing is minted meanwhile', async ({
  lab,
}) => {
  lab.die(await lab.claim({ mode: 'sidecar' }));
  const stopping = { kind: 'stopping', why: 'its pod is shutting down' } as const;
  const waited = await lab.claim(requestOf('b'), { evidence: stopping });
  assert.equal(summary(waited), ['deadline', '0 stopping']);
  assert.equal(readdirSync(lab.root).sort(), ['.barnabas', 'kafka-logs-0']);
  const dead = { kind: 'dead', evidence: 'kubelet', detail: 'all its containers terminated' } as const;
  assert.equal(summary(await lab.claim(requestOf('b'), { evidence: dead })), [0, 2, 'kubelet']);
});

// Mutant caught: playRound() that mints although a holder is stopping.
test('while the note in the lock says stopping nothing is minted, and its id is taken once it is free', async ({
  lab,
}) => {
  const first = await lab.claim();
  assert.ok(first.kind === 'claimed');
  const note: LockNote = { generation: 1, state: 'stopping', beat: 9, registration: null };
  lab.volume.writeLock(first.claimed.handle, serialiseLockNote(note));
  let pauses = 0;
  const onPause = (): void => {
    pauses += 1;
    if (pauses === 2) lab.die(first);
  };
  assert.equal(summary(await lab.claim(requestOf('b'), { onPause })), [0, 2, 'lock-local']);
  assert.is(pauses, 2);
  assert.ok(lab.events.some((event) => event.kind === 'waiting' && event.decisions[0]?.verdict === 'stopping'));
});

test('where a server keeps the locks, one is held for some beats before it proves anything', async ({ lab }) => {
  lab.die(await lab.claim());
  const beat = (number: number): void =>
    writeFileSync(
      claimPath(lab, '0/lock'),
      serialiseLockNote({ generation: 1, state: 'running', beat: number, registration: null }),
    );
  beat(1);
  const one = { ...requestOf('b'), storage: onServer, cluster: { firstId: 0, brokers: 1 }, waitMs: 0 } as const;
  const alive = await lab.claim(one, { onPause: () => beat(2) });
  assert.equal(alive.decisions[0]?.why, 'its holder showed a sign of life');
  assert.equal(summary(await lab.claim(one)), [0, 2, 'lock-local']);
  assert.ok(lab.events.some((event) => event.kind === 'settling' && event.ms === 15_000));
});

test('a certificate that can not be believed is no evidence', async ({ lab }) => {
  lab.die(await lab.claim());
  writeFileSync(claimPath(lab, '0/g00000001.end'), '{"layout":1');
  const { decisions } = await lab.claim({ ...requestOf('b'), waitMs: 0, cluster: { firstId: 0, brokers: 1 } });
  assert.match(decisions[0]?.why ?? '', /g00000001\.end can't be believed: it is torn/);
});

test('on storage whose locks prove nothing a bare log dir is adopted only if it is empty', async ({ lab }) => {
  mkdirSync(join(lab.root, 'kafka-logs-0/orders-0'), { recursive: true });
  mkdirSync(join(lab.root, 'kafka-logs-1'));
  const request = { storage: onNothing, waitMs: 0 } as const;
  assert.equal(summary(await lab.claim(request)), [1, 1, 'new']);
});

test('records are collected, but for the newest 64', async ({ lab }) => {
  for (let round = 1; round <= 70; round += 1) lab.die(await lab.claim());
  const names = readdirSync(claimPath(lab, '0'));
  const generations = names.filter((name) => /^g\d+$/.test(name)).map((name) => Number(name.slice(1)));
  assert.equal([Math.min(...generations), Math.max(...generations), generations.length], [7, 70, 64]);
});

test.run();
