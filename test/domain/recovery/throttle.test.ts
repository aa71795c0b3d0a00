/** The throttle: what is added, and that all is as it was afterwards. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PlannedMove } from '../../../src/domain/recovery/plan.ts';
import {
  additions,
  keyOfResource,
  leastRate,
  needsOf,
  removals,
  resourceOf,
  resourcesOf,
  sides,
  type Change,
  type Values,
  type ValuesOf,
} from '../../../src/domain/recovery/throttle.ts';
import { moveOf } from './cluster-of.ts';

const test = suite('the throttle of a recovery');
const live = [1001, 1002, 1004];
const unset: Values = { leader: null, follower: null };

/** What brokers make of changes: Kafka's rules for appending to and subtracting from lists. */
function applied(now: ValuesOf, changes: readonly Change[]): ValuesOf {
  const after: Record<string, Record<string, string | null>> = structuredClone(now);
  for (const { resource, key, operation, value } of changes) {
    const values = (after[keyOfResource(resource)] ??= { ...unset });
    const side = key.startsWith('leader') ? 'leader' : 'follower';
    const entries = (values[side] ?? '').split(',').filter((entry) => entry !== '');
    const given = (value ?? '').split(',');
    if (operation === 'set') values[side] = value ?? '';
    else if (operation === 'delete') values[side] = null;
    else if (operation === 'append')
      values[side] = [...entries, ...given.filter((one) => !entries.includes(one))].join();
    else values[side] = entries.filter((entry) => !given.includes(entry)).join();
  }
  return after as unknown as ValuesOf;
}

test('rates go to live brokers, entries name live brokers, and the dead one is not touched', () => {
  const needs = needsOf([moveOf(0), moveOf(1, { before: [1001, 1003], after: [1001, 1004] })], live);
  assert.equal(
    [...needs.brokers].map(([id, needed]) => [id, [...needed]]),
    [
      [1001, ['leader']],
      [1002, ['leader']],
      [1004, ['follower']],
    ],
  );
  assert.equal(needs.topics.get('orders'), {
    leader: ['0:1001', '0:1002', '1:1001'],
    follower: ['0:1004', '1:1004'],
  });
  assert.equal(resourcesOf(needs).map(keyOfResource), ['broker 1001', 'broker 1002', 'broker 1004', 'topic orders']);
});

test('a key of a resource is read back, also of a topic that is called like a broker', () => {
  for (const resource of [{ topic: 'orders' }, { topic: 'broker 1' }, { broker: 7 }]) {
    assert.equal(resourceOf(keyOfResource(resource)), resource);
  }
});

test('what is there already is not added, nor anything to a list of all', () => {
  const needs = needsOf([moveOf(0)], live);
  const now = {
    'broker 1001': { leader: '500', follower: null },
    'topic orders': { leader: '*', follower: '0:1004' },
  };
  const added = additions(needs, now, 500).map(({ resource, key, operation, value }) => [
    ...[keyOfResource(resource), key, operation, value],
  ]);
  assert.equal(added, [
    ['broker 1002', 'leader.replication.throttled.rate', 'set', '500'],
    ['broker 1004', 'follower.replication.throttled.rate', 'set', '500'],
  ]);
});

test('a rate that somebody else has set meanwhile stays, and is told', () => {
  const ours = { moves: [moveOf(0)], rates: [500, 900], earlier: { 'broker 1001': unset, 'broker 1002': unset } };
  const now = { 'broker 1001': { ...unset, leader: '777' }, 'broker 1002': { ...unset, leader: '500' } };
  const { changes, foreign } = removals(ours, now);
  assert.equal(foreign, ['broker 1001: leader.replication.throttled.rate=777']);
  assert.equal(changes, [
    { resource: { broker: 1002 }, key: 'leader.replication.throttled.rate', operation: 'delete' },
  ]);
});

const entries = fc.uniqueArray(fc.constantFrom('0:1001', '0:1004', '9:1001', '7:1002', '1:1003'));
const list = fc.option(fc.oneof(entries.map((each) => each.join(',')), fc.constant('*')), { nil: null }); // prettier-ignore
const rate = fc.option(fc.constantFrom('100', '500'), { nil: null });
const world = fc
  .record({ a: list, b: list, c: rate, d: rate, e: rate, f: rate, g: rate, h: rate })
  .map(({ a, b, c, d, e, f, g, h }) => ({
    'topic orders': { leader: a, follower: b },
    'broker 1001': { leader: c, follower: d },
    'broker 1002': { leader: e, follower: f },
    'broker 1004': { leader: g, follower: h },
  }));

test('property: whatever stood there stands there again, after any number of batches, and after removing twice', () => {
  fc.assert(
    fc.property(world, fc.integer({ min: 1, max: 3 }), (before, batches) => {
      const moves: PlannedMove[] = Array.from({ length: batches * 2 }, (_, index) => moveOf(index));
      let now: ValuesOf = before;
      for (let batch = 0; batch < batches; batch += 1) {
        const part = moves.slice(batch * 2, batch * 2 + 2);
        const needs = needsOf(part, live);
        now = applied(now, additions(needs, now, 500 + batch));
        assert.equal(additions(needs, now, 500 + batch), [], 'adding twice adds nothing');
      }
      const ours = { moves, rates: [500, 501, 502], earlier: before };
      const back = applied(now, removals(ours, now).changes);
      assert.equal(back, before);
      assert.equal(removals(ours, back).changes, []);
    }),
  );
});

test('property: entries that somebody adds meanwhile stay', () => {
  fc.assert(
    fc.property(world, fc.constantFrom('50:1001', '51:1002'), (before, theirs) => {
      const needs = needsOf([moveOf(0)], live);
      const now = applied(before, additions(needs, before, 500));
      const lists = now['topic orders'] ?? unset;
      fc.pre(!sides.some((side) => lists[side] === '*'));
      const join = (side: 'leader' | 'follower'): string => [lists[side], theirs].filter(Boolean).join();
      const more = { ...now, 'topic orders': { leader: join('leader'), follower: join('follower') } };
      const back = applied(more, removals({ moves: [moveOf(0)], rates: [500], earlier: before }, more).changes);
      for (const side of sides) {
        const was = before['topic orders'][side];
        assert.equal(back['topic orders']?.[side], [was, theirs].filter(Boolean).join());
      }
    }),
  );
});

test('the least rate is what producers bring in to the partitions that one broker may take at once', () => {
  const moves = [moveOf(0), moveOf(1), moveOf(2), moveOf(3, { before: [5, 1], after: [6, 1] })];
  const growth = new Map([
    ['orders-0', 10],
    ['orders-1', 30],
    ['orders-2', 20],
    ['orders-3', 45],
  ]);
  assert.equal(leastRate(moves, growth, 2), { rate: 50, broker: 1004 });
  assert.equal(leastRate(moves, growth, 1), { rate: 45, broker: 6 });
  assert.equal(leastRate(moves, new Map(), 2), { rate: 0, broker: -1 });
});

test.run();
