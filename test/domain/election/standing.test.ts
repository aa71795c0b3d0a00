import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { countLeaders, groupByReason } from '../../../src/domain/election/counts.ts';
import { losable, standingOf, takeStock } from '../../../src/domain/election/standing.ts';
import { choose, meaningNothing } from '../../../src/domain/election/topics.ts';
import { confirmationOf } from '../../../src/domain/election/unclean.ts';
import { meaningOf } from '../../../src/domain/election/answers.ts';
import type { PartitionView } from '../../../src/domain/kafka-view.ts';
import { partition, view } from './view-of.ts';

const test = suite('where partitions stand');

const rows: readonly (readonly [string, Partial<PartitionView>, readonly number[], string])[] = [
  ['led by the first replica', { leader: 0 }, [0, 1, 2], 'led'],
  ['led by it although others lag', { leader: 0, isr: [0] }, [0, 1, 2], 'led'],
  ['led by another, the first in sync', {}, [0, 1, 2], 'ready'],
  ['the first is the last in the list of those in sync', { isr: [2, 1, 0] }, [0, 1, 2], 'ready'],
  ['the first lags', { isr: [1, 2] }, [0, 1, 2], 'waits: the replica on broker 0 is not in sync'],
  ['the first is down', { isr: [1, 2] }, [1, 2], 'cannot: broker 0 is down'],
  ['the first is down and said to be in sync still', {}, [1, 2], 'cannot: broker 0 is down'],
  ['no leader, one in sync lives', { leader: -1, isr: [2] }, [0, 1, 2], 'waits: it has no leader yet'],
  [
    'no leader, who was in sync is down',
    { leader: -1, isr: [2] },
    [0, 1],
    'cannot: no leader: broker 2 has its last messages and is down',
  ],
  [
    'no leader, nobody is known to be in sync',
    { leader: -1, isr: [] },
    [0, 1, 2],
    'cannot: no leader: no replica is known to be in sync',
  ],
];
for (const [name, differences, live, expected] of rows) {
  test(name, () => {
    const standing = standingOf(partition(0, differences), new Set(live));
    assert.is('why' in standing ? `${standing.kind}: ${standing.why}` : standing.kind, expected);
  });
}

test('under-replicated partitions are counted in the whole cluster', () => {
  const others = { topic: 'other', isr: [1] };
  const stock = takeStock(view([partition(0), partition(1, others), partition(2, others)]), choose(['orders']));
  assert.is(stock.places.length, 1);
  assert.is(stock.underReplicated, 2);
});

test('what is typed for an unclean election names a partition, in whatever order they come', () => {
  for (const numbers of [
    [2, 5, 7],
    [7, 2, 5],
  ])
    // prettier-ignore
    assert.is(confirmationOf(numbers.map((number) => partition(number))), 'lose messages of orders-2 and 2 more');
  assert.is(confirmationOf([partition(3)]), 'lose messages of orders-3');
});

test('an unclean election is for those without a leader, with somebody to lead', () => {
  const lost = { leader: -1, isr: [2] };
  const partitions = [
    ...[partition(0), partition(1, lost), partition(2, { ...lost, replicas: [2] }), partition(3, { isr: [1] })],
    partition(4, { leader: -1, isr: [1] }),
    partition(5, { ...lost, topic: 'other' }),
  ];
  const found = losable(view(partitions, [0, 1]), choose(['orders']));
  assert.equal(
    found.map((one) => one.partition),
    [1],
  );
});

for (const [patterns, topic, is] of [
  [[], 'orders', true],
  [['orders'], 'orders', true],
  [['orders'], 'orders2', false],
  [['ord*'], 'orders', true],
  [['*.eu'], 'orders.eu', true],
  [['*.eu'], 'ordersxeu', false],
  [['order?'], 'orders', true],
  [['order?'], 'order', false],
  [['a', 'b-*'], 'b-1', true],
  [['orders.v1'], 'ordersxv1', false],
] as const) {
  test(`--topic ${patterns.join(',')}: ${topic} is ${is ? '' : 'not '}meant`, () => {
    assert.is(choose(patterns)({ topic }), is);
    assert.is(choose(patterns)({ topic }), is);
  });
}

test('patterns that mean nothing are told', () => {
  assert.equal(meaningNothing(['orders', 'x', 'y*', '*'], [partition(0)]), ['x', 'y*']);
});

for (const [code, meaning] of [
  [null, 'done'],
  [84, 'done'],
  [80, 'again'],
  [41, 'again'],
  [7, 'again'],
  [31, 'never'],
  [42, 'never'],
] as const) {
  test(`the answer ${String(code)} means ${meaning}`, () => {
    assert.is(meaningOf(code === null ? null : { code, name: 'X', message: null }), meaning);
  });
}

test('who leads how much, before and after, and who should', () => {
  const before = view([partition(0, { leader: 1 }), partition(1, { leader: -1 }), partition(2, { replicas: [7, 1] })]);
  const after = view([partition(0, { leader: 0 }), partition(1, { leader: 0 }), partition(2, { replicas: [7, 1] })]);
  const counts = countLeaders(before, after, () => true);
  assert.equal(
    counts.map(({ brokerId, preferred, ledBefore, ledAfter }) => [brokerId, preferred, ledBefore, ledAfter]),
    [
      [0, 2, 0, 2],
      [1, 0, 2, 1],
      [2, 0, 0, 0],
      [7, 1, 0, 0],
    ],
  );
});

test('those that are left for one reason stand together, the most first', () => {
  const left = (number: number, why: string) => ({ topic: 'orders', partition: number, why });
  assert.equal(groupByReason([left(9, 'a'), left(1, 'b'), left(2, 'b'), left(3, 'b')], 2), [
    { count: 3, names: 'orders-1 orders-2 …', why: 'b' },
    { count: 1, names: 'orders-9', why: 'a' },
  ]);
});

test.run();
