import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lockCouldProve, proveWithLock, type Witnesses } from '../../src/domain/evidence.ts';
import type { Coherence } from '../../src/domain/mounts.ts';
import type { Mode } from '../../src/domain/record.ts';

const test = suite('evidence');

interface Case {
  readonly mode: Mode;
  readonly coherence: Coherence;
  readonly sameBoot: boolean;
  /** The record's node: the agent's, another, or unknown to one of both. */
  readonly node: 'same' | 'other' | 'unknown';
  readonly own: boolean;
}

function witnessesOf({ mode, coherence, sameBoot, node, own }: Case): Witnesses {
  return {
    record: {
      ...{ layout: 1, id: 0, generation: 3, nonce: 'n', start: 1, wallTime: 'w', mode },
      pod: { name: 'a', namespace: '', uid: own ? 'me' : 'another' },
      node: node === 'unknown' ? null : node === 'same' ? 'node-a' : 'node-b',
      bootId: sameBoot ? 'this-boot' : 'another-boot',
    },
    self: { podUid: 'me', node: 'node-a', bootId: 'this-boot' },
    storage: { type: 'x', coherence, why: 'x' },
    sameLock: true,
  };
}

const all: readonly Case[] = (['wrapper', 'sidecar', 'init'] as const).flatMap((mode) =>
  (['machine', 'shared', 'untrusted'] as const).flatMap((coherence) =>
    [true, false].flatMap((sameBoot) =>
      (['same', 'other', 'unknown'] as const).flatMap((node) =>
        [true, false].map((own) => ({ mode, coherence, sameBoot, node, own })),
      ),
    ),
  ),
);

/** The table of the contract, in another form than the code's. */
function expectedKind({ mode, coherence, sameBoot, node, own }: Case): string | undefined {
  if (own) return 'own';
  if (sameBoot) return mode === 'wrapper' && coherence !== 'untrusted' ? 'lock-local' : undefined;
  return node === 'same' ? 'reboot' : undefined;
}

// Mutants caught: lockIsTruth without the mode; without the coherence; reboot without the comparison of boots.
for (const one of all) {
  const kind = expectedKind(one);
  test(`${JSON.stringify(one)}: ${kind ?? 'unknown means held'}`, () => {
    const proof = proveWithLock(witnessesOf(one));
    assert.is(proof.over ? proof.kind : undefined, kind);
    assert.is(lockCouldProve(witnessesOf(one)), kind !== undefined);
    if (!proof.over) assert.ok(proof.why.length > 10);
  });
}

test('a death is certain only where no process can be left', () => {
  for (const one of all) {
    const proof = proveWithLock(witnessesOf(one));
    if (!proof.over) continue;
    const lockIsTruth = one.mode === 'wrapper' && one.coherence !== 'untrusted';
    assert.is(proof.certain, lockIsTruth || !one.sameBoot || proof.kind === 'reboot', JSON.stringify(one));
  }
});

test('the lock of another file proves nothing of a broker', () => {
  for (const one of all) {
    const proof = proveWithLock({ ...witnessesOf(one), sameLock: false });
    assert.ok(!proof.over || proof.kind === 'own' || proof.kind === 'reboot', JSON.stringify(one));
    assert.ok(!proof.over || !proof.certain || !one.sameBoot, JSON.stringify(one));
  }
});

test('one who does not know its own pod recognises none, and one without a node sees no reboot', () => {
  const { record, storage } = witnessesOf({
    mode: 'init',
    coherence: 'machine',
    sameBoot: false,
    node: 'same',
    own: true,
  });
  const self = { podUid: undefined, node: undefined, bootId: 'this-boot' };
  assert.not.ok(proveWithLock({ record, storage, self, sameLock: true }).over);
});

test.run();
