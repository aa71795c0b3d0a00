/** One look of the guard, on a real directory. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseLockNote, type LockNote } from '../../../src/domain/lock-note.ts';
import { beat, type Held } from '../../../src/domain/protocol/beat.ts';
import { endOwn, relock, releaseByHand } from '../../../src/domain/protocol/release.ts';
import { serialise, type ClaimRecord } from '../../../src/domain/record.ts';
import { onMachine, openLab, requestOf, type Faults, type Lab } from '../../support/protocol.ts';

interface Context {
  lab: Lab;
  held: Held;
}
const test = suite<Context>('the guard and the release', {} as Context);
test.before.each(async (context) => {
  context.lab = openLab();
  const result = await context.lab.claim();
  if (result.kind !== 'claimed') throw new Error(result.kind);
  context.held = result.claimed;
});
test.after.each(({ lab, held }) => {
  lab.volume.closeLock(held.handle);
  lab.remove();
});

const note: LockNote = { generation: 1, state: 'running', beat: 4, registration: null };
const pathOf = (lab: Lab, name: string): string => join(lab.root, '.barnabas/claims/0', name);
const look = ({ lab, held }: Context, faults?: Faults) => lab.run(beat(held, note), faults);

test('it leaves its beat in the lock file and holds on', async (context) => {
  assert.equal(await look(context), { kind: 'holding', troubles: [] });
  assert.equal(parseLockNote(readFileSync(pathOf(context.lab, 'lock'), 'utf8')), note);
});

function publishNext(lab: Lab): void {
  const record = JSON.parse(readFileSync(pathOf(lab, 'g00000001'), 'utf8')) as ClaimRecord;
  writeFileSync(pathOf(lab, 'g00000002'), serialise({ ...record, generation: 2 }));
}

// Mutants caught: beat() without the comparison of generations; without isSameFile; that takes any errno for a trouble.
const losses: readonly (readonly [string, (lab: Lab) => void, RegExp, Faults?])[] = [
  ['a newer generation', publishNext, /generation 2 stands, and it holds generation 1/],
  [
    'a certificate of its own generation',
    (lab) => writeFileSync(pathOf(lab, 'g00000001.end'), '{}'),
    /generation 1 was declared over/,
  ],
  [
    'another lock file',
    (lab) => {
      renameSync(pathOf(lab, 'lock'), pathOf(lab, 'moved'));
      writeFileSync(pathOf(lab, 'lock'), '');
    },
    /is no longer the file that it locked/,
  ],
  ['no lock file', (lab) => rmSync(pathOf(lab, 'lock')), /is no longer the file that it locked/],
  ...['EIO', 'ESTALE', 'EBADF', 'ENOLCK'].map(
    (errno) =>
      [
        `a descriptor that answers ${errno}`,
        () => undefined,
        new RegExp(`its id lock failed \\(${errno}\\)`),
        { calls: () => ({ writeLock: () => ({ ok: false, errno }) as const }) },
      ] as const,
  ),
];
for (const [name, act, why, faults] of losses) {
  test(`${name} means that the claim is lost`, async (context) => {
    act(context.lab);
    const result = await look(context, faults);
    assert.ok(result.kind === 'lost', JSON.stringify(result));
    assert.match(result.why, why);
  });
}

for (const [name, faults] of [
  ['a full disk', { calls: () => ({ writeLock: () => ({ ok: false, errno: 'ENOSPC' }) as const }) }],
  ['a listing that fails', { calls: () => ({ list: () => ({ ok: false, errno: 'EIO' }) as const }) }],
  ['a stat that fails', { calls: () => ({ isSameFile: () => ({ ok: false, errno: 'ETIMEDOUT' }) as const }) }],
] as const satisfies readonly (readonly [string, Faults])[]) {
  test(`${name} is a trouble, and no second broker`, async (context) => {
    const result = await look(context, faults);
    assert.ok(result.kind === 'holding' && result.troubles.length === 1, JSON.stringify(result));
  });
}

test('the lock is had anew only when nobody else has it', async ({ lab, held }) => {
  assert.equal(await lab.run(relock(held)), { kind: 'not-alone' });
  lab.volume.closeLock(held.handle);
  const alone = await lab.run(relock(held));
  assert.ok(alone.kind === 'alone');
  lab.volume.closeLock(alone.handle);
});

test('a lock that a successor holds is no sign of life of the broker', async ({ lab, held }) => {
  publishNext(lab);
  assert.equal(await lab.run(relock(held)), { kind: 'succeeded' });
});

// Mutant caught: endOwn() that does not look at the top generation.
test('one ends only the claim that is still one’s own', async ({ lab, held }) => {
  publishNext(lab);
  assert.not.ok(await lab.run(endOwn(held, requestOf('a').pod)));
});

test('one’s own claim is ended once', async ({ lab, held }) => {
  assert.ok(await lab.run(endOwn(held, requestOf('a').pod)));
  assert.not.ok(await lab.run(endOwn(held, requestOf('a').pod)));
});

test('by hand, never while somebody holds the lock', async ({ lab, held }) => {
  const order = {
    ...{ brokerId: 0, by: requestOf('b').pod, self: requestOf('b').self, storage: onMachine },
    ...{ assertion: 'I know', dryRun: false },
  };
  const refused = await lab.run(releaseByHand(order));
  assert.is(refused.kind, 'alive');
  lab.volume.closeLock(held.handle);
  const ended = await lab.run(releaseByHand(order));
  assert.ok(ended.kind === 'ended' && ended.evidence === 'lock-local');
  assert.is((await lab.run(releaseByHand(order))).kind, 'already-ended');
  assert.is((await lab.run(releaseByHand({ ...order, brokerId: 7 }))).kind, 'no-claim');
});

test.run();
