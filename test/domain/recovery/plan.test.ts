/** What a plan moves, and what it sets apart. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PartitionView } from '../../../src/domain/kafka-view.ts';
import { judgeFitness, type Candidates } from '../../../src/domain/recovery/fitness.ts';
import { outlookOf, secondsOf } from '../../../src/domain/recovery/outlook.ts';
import { planRecovery } from '../../../src/domain/recovery/plan.ts';
import { heirsIn, parseReplacements } from '../../../src/domain/recovery/replacement.ts';
import { bytesOf, growthOf, sizesOf } from '../../../src/domain/recovery/sizes.ts';
import type { Reason } from '../../../src/domain/recovery/triage.ts';
import { anyPartitions, flightOf, moveOf, partitionOf, planOf, viewOf } from './cluster-of.ts';

const test = suite('the plan of a recovery');
const replace = [{ old: 1003, new: 1004 }];
const none = { flights: [], sizes: new Map<number, ReadonlyMap<string, number>>() };

for (const [text, expected] of [
  ['1003=1004', [{ old: 1003, new: 1004 }]],
  ['1=2, 3=4', [{ old: 1, new: 2 }, { old: 3, new: 4 }]], // prettier-ignore
  ['1003', '"1003" is not OLD=NEW, such as 1003=1004'],
  ['1003=', '"1003=" is not OLD=NEW, such as 1003=1004'],
  ['-1=2', '"-1=2" is not OLD=NEW, such as 1003=1004'],
  ['1=99999999999', '"1=99999999999" is not OLD=NEW, such as 1003=1004'],
  ['1=1', '"1=1" names broker 1 twice'],
  ['1=2,1=3', '"1=2,1=3" names broker 1 twice'],
  ['1=2,2=3', '"1=2,2=3" names broker 2 twice'],
  ['1=3,2=3', '"1=3,2=3" names broker 3 twice'],
] as const) {
  test(`--replace ${text}`, () => {
    const read = parseReplacements(text);
    assert.equal('problem' in read ? read.problem : read, expected);
  });
}

test('NEW stands where OLD stood, all else stays, and other partitions are not in it', () => {
  const partitions = [
    partitionOf(0),
    partitionOf(1, { replicas: [1001, 1003, 1002] }),
    partitionOf(2, { replicas: [1001, 1002] }),
  ];
  const plan = planRecovery(replace, { view: viewOf(partitions), ...none });
  assert.equal(
    plan.moves.map(({ before, after }) => [before, after]),
    [
      [
        [1003, 1001, 1002],
        [1004, 1001, 1002],
      ],
      [
        [1001, 1003, 1002],
        [1001, 1004, 1002],
      ],
    ],
  );
  assert.equal(plan.topicIds, { orders: 'orders-id' });
  assert.equal(plan.apart, []);
});

test('who has the fewest replicas in sync goes first', () => {
  const partitions = [partitionOf(0), partitionOf(1, { isr: [1001], minIsr: 2 }), partitionOf(2)];
  const { moves } = planRecovery(replace, { view: viewOf(partitions), ...none });
  assert.equal(
    moves.map(({ partition }) => partition),
    [1, 0, 2],
  );
});

const apart: readonly (readonly [string, PartitionView, Reason | undefined, RegExp?])[] = [
  ['all is well', partitionOf(0), undefined],
  ['one of two in sync: the move heals it', partitionOf(0, { isr: [1001] }), undefined],
  [
    'its only replica is dead',
    partitionOf(0, { replicas: [1003], isr: [1003], leader: -1, minIsr: 1 }),
    'all-dead',
    /bring back 1003 with/,
  ],
  [
    'all are dead, and only one was in sync last',
    partitionOf(0, { replicas: [1003, 1005, 1006], isr: [1005], leader: -1 }),
    'all-dead',
    /1003,1005,1006 are not in the cluster, and 1005 was in sync last.*bring back 1005 with/,
  ],
  [
    'all are dead, and nobody knows who was in sync',
    partitionOf(0, { replicas: [1003, 1005], isr: [], leader: -1 }),
    'all-dead',
    /bring back 1003, 1005 with their log dirs: who was in sync last leads again/,
  ],
  [
    'the last in sync is dead',
    partitionOf(0, { isr: [1003], leader: -1 }),
    'no-leader',
    /the last in sync \(1003\) .* 1001,1002 may lack.*bring back 1003 with.*`barnabas elect --unclean`/,
  ],
  [
    'no leader, and nobody knows who was in sync',
    partitionOf(0, { isr: [], leader: -1 }),
    'no-leader',
    /^no replica is known to be in sync, and 1001,1002 may lack what others had.*bring back 1003 with/,
  ],
  [
    'NEW has it already',
    partitionOf(0, { replicas: [1003, 1001, 1004], isr: [1001, 1004] }),
    'has-new',
    /name another broker for 1003/,
  ],
  [
    'another dead broker keeps it below min.insync.replicas',
    partitionOf(0, { replicas: [1003, 1001, 1005], isr: [1001], minIsr: 3 }),
    'below-min-isr',
    /1005 not in the cluster.*bring back 1005, or replace them in the same plan/,
  ],
  [
    'more replicas must be in sync than there are',
    partitionOf(0, { replicas: [1003, 1001], isr: [1001], minIsr: 3 }),
    'below-min-isr',
    /lower min\.insync\.replicas/,
  ],
];
for (const [name, partition, reason, words] of apart) {
  test(`${name}: ${reason ?? 'moved'}`, () => {
    const plan = planRecovery(replace, { view: viewOf([partition]), ...none });
    assert.equal([plan.moves.length, plan.apart.length], reason === undefined ? [1, 0] : [0, 1]);
    assert.is(plan.apart[0]?.reason, reason);
    if (words) assert.match(`${plan.apart[0]?.why ?? ''} ${plan.apart[0]?.choices.join(' ') ?? ''}`, words);
  });
}

test("another's move in flight is set apart, whatever its target", () => {
  const flight = flightOf(0, [1001, 1002, 1003], { adding: [1002], removing: [1003] });
  const partition = partitionOf(0, { replicas: [1001, 1002, 1003] });
  const plan = planRecovery(replace, { ...none, view: viewOf([partition, partitionOf(1)]), flights: [flight] });
  assert.equal([plan.moves.length, plan.apart[0]?.reason], [1, 'in-flight']);
  assert.is(plan.apart[0]?.why, 'it is being moved to 1001,1002 already');
});

test('property: each partition with OLD is moved or set apart, once; what is moved differs in OLD’s slot alone', () => {
  const live = [1, 2, 4, 6];
  const swaps = [
    { old: 3, new: 6 },
    { old: 5, new: 4 },
  ];
  fc.assert(
    fc.property(anyPartitions(live), (partitions) => {
      const view = viewOf(partitions, live);
      const { moves, apart: set } = planRecovery(swaps, { view, ...none });
      const concerned = partitions.filter(({ replicas }) => replicas.includes(3) || replicas.includes(5));
      assert.is(moves.length + set.length, concerned.length);
      assert.is(new Set([...moves, ...set].map(({ partition }) => partition)).size, concerned.length);
      for (const { before, after, partition } of moves) {
        assert.equal(before, partitions[partition]?.replicas);
        assert.equal(after, heirsIn(before, swaps));
        assert.is(new Set(after).size, before.length);
        assert.ok(!after.includes(3) && !after.includes(5));
        assert.ok((partitions[partition]?.leader ?? -1) >= 0);
        const healed = after.filter((id) => live.includes(id)).length;
        assert.ok(healed >= (partitions[partition]?.minIsr ?? 0));
      }
      for (const { why, choices } of set) assert.ok(why !== '' && choices.length > 0);
    }),
  );
});

const dirOf = (replicas: readonly (readonly [number, number])[], isFuture = false) => ({
  ...{ path: '/d', totalBytes: 2000, usableBytes: 1000 },
  replicas: replicas.map(([partition, bytes]) => ({ topic: 'orders', partition, bytes, isFuture })),
});

test("a partition's bytes are its leader's, or the largest that anybody has, or not known", () => {
  const sizes = sizesOf(
    new Map([
      [1001, [dirOf([[0, 70]]), dirOf([[0, 10]], true)]],
      [1002, [dirOf([[0, 90], [1, 5]])]], // prettier-ignore
    ]),
  );
  assert.is(bytesOf(partitionOf(0), sizes), 70);
  assert.is(bytesOf(partitionOf(0, { leader: -1 }), sizes), 90);
  assert.is(bytesOf(partitionOf(2), sizes), null);
});

test('growth is by the second, and what retention takes away is none', () => {
  const at = (bytes: number, other: number) => new Map([[1001, new Map([['orders-0', bytes], ['orders-1', other]])]]); // prettier-ignore
  const growth = growthOf([partitionOf(0), partitionOf(1), partitionOf(2)], {
    first: at(100, 500),
    second: at(300, 400),
    elapsedMs: 4000,
  });
  assert.equal([...growth.values()], [50, 0, 0]);
});

test('the outlook: leaders, replicas and bytes of each broker before and after', () => {
  const partitions = [partitionOf(0), partitionOf(1, { replicas: [1001, 1002], isr: [1001, 1002] })];
  const view = viewOf(partitions);
  const sizes = new Map([[1001, new Map([['orders-0', 40], ['orders-1', 2]])]]); // prettier-ignore
  const plan = planRecovery(replace, { view, flights: [], sizes });
  const rows = outlookOf(plan, view, sizes).map(({ id, live, leaders, replicas, bytes }) => [
    ...[id, live, leaders.before, leaders.after, replicas.before, replicas.after],
    ...[bytes?.before, bytes?.after],
  ]);
  assert.equal(rows, [
    [1001, true, 2, 1, 2, 2, 42, 42],
    [1002, true, 0, 0, 2, 2, 42, 42],
    [1003, false, 0, 0, 1, 0, 40, 0],
    [1004, true, 0, 1, 0, 1, 0, 40],
  ]);
  assert.is(secondsOf(plan, view, 10), 4);
  assert.is(secondsOf(plan, view, undefined), null);
});

const fit = (differences: Partial<Candidates> = {}): Candidates => ({
  ...{ plan: planOf([moveOf(0)]), view: viewOf([partitionOf(0)]), logDirs: new Map(), onVolume: new Map() },
  ...{ whileOldLives: 'refused', ...differences },
});
const racked = (racks: Readonly<Record<number, string>>) => {
  const view = viewOf([partitionOf(0)]);
  return { ...view, known: view.known.map((broker) => ({ ...broker, rack: racks[broker.id] ?? null })) };
};
const fenced = () => {
  const view = viewOf([partitionOf(0)], [1001, 1002]);
  return { ...view, known: [...view.known, { id: 1004, host: 'h', port: 1, rack: null, fenced: true }] };
};
const room = (usableBytes: number) => new Map([[1004, [{ path: '/d', totalBytes: 5000, usableBytes, replicas: [] }]]]);
const fitness: readonly (readonly [string, Candidates, readonly RegExp[], readonly RegExp[]])[] = [
  ['a lost broker and a new one', fit(), [], []],
  ['OLD lives', fit({ view: viewOf([], [1001, 1003, 1004]) }), [/1003 is in the cluster: nothing of it is lost.*--force/], []],
  ['OLD lives, by force', fit({ view: viewOf([], [1003, 1004]), whileOldLives: 'allowed' }), [], [/1003 is in the cluster/]],
  ['OLD could come back', fit({ onVolume: new Map([[1003, 'dead: its lock is free']]) }), [], [/1003 may only be away.*lock is free/]],
  ['NEW is not there', fit({ view: viewOf([], [1001, 1002]) }), [/1004 is not in the cluster: start it first/], []],
  ['NEW is fenced', fit({ view: fenced() }), [/1004 is registered, but fenced/], []],
  ['NEW has no room', fit({ logDirs: room(999) }), [/gets 1\.0 kB and has room for 999 B/], []],
  ['NEW has hardly room', fit({ logDirs: room(1050) }), [], [/gets 1\.0 kB and has room for 1\.1 kB/]],
  ['NEW has room', fit({ logDirs: room(2000) }), [], []],
  ['two in one rack', fit({ view: racked({ 1001: 'a', 1002: 'b', 1004: 'a' }) }), [], []],
  ['two in one rack, where there are enough', fit({ plan: planOf([moveOf(0, { before: [1003, 1001], after: [1004, 1001] })]), view: racked({ 1001: 'a', 1002: 'b', 1004: 'a' }) }), [], [/1 partition \(orders-0, …\) would have two replicas in one rack: broker 1004 in a/]],
]; // prettier-ignore
for (const [name, candidates, refusals, warnings] of fitness) {
  test(`fitness: ${name}`, () => {
    const found = judgeFitness(candidates);
    assert.is(found.refusals.length, refusals.length, found.refusals.join());
    assert.is(found.warnings.length, warnings.length, found.warnings.join());
    refusals.forEach((pattern, index) => assert.match(found.refusals[index] ?? '', pattern));
    warnings.forEach((pattern, index) => assert.match(found.warnings[index] ?? '', pattern));
  });
}

test.run();
