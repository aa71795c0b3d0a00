import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PartitionView } from '../../src/domain/kafka-view.ts';
import {
  changeConfig,
  electionZnodes,
  readConfigZnode,
  readReassignmentZnode,
  readTopicZnode,
  reassignmentsOf,
  reassignmentZnode,
} from '../../src/domain/znodes.ts';

const test = suite('what old brokers are told through ZooKeeper');

test('an election', () => {
  const partitions = [
    { topic: 'foo', partition: 0 },
    { topic: 'foo', partition: 12 },
  ];
  assert.equal(electionZnodes(partitions), [
    '{"version":1,"partitions":[{"topic":"foo","partition":0},{"topic":"foo","partition":12}]}',
  ]);
  assert.equal(electionZnodes([]), []);
});

test('an election of more than one znode takes', () => {
  const partitions = Array.from({ length: 25_000 }, (_, partition) => ({ topic: 'some.topic', partition }));
  const znodes = electionZnodes(partitions);
  assert.ok(znodes.length > 1);
  for (const znode of znodes) assert.ok(Buffer.byteLength(znode) <= 512_000);
  const read = znodes.flatMap((znode) => (JSON.parse(znode) as { partitions: unknown[] }).partitions);
  assert.equal(read, partitions);
});

test('a znode is filled to its last byte', () => {
  const partitions = [0, 1].map((partition) => ({ topic: 'foo', partition }));
  const [both = ''] = electionZnodes(partitions);
  assert.is(electionZnodes(partitions, both.length).length, 1);
  assert.is(electionZnodes(partitions, both.length - 1).length, 2);
});

test('a reassignment, there and back', () => {
  const moves = [{ topic: 'foo', partition: 0, replicas: [1004, 1001] }];
  const text = reassignmentZnode(moves);
  assert.is(text, '{"version":1,"partitions":[{"topic":"foo","partition":0,"replicas":[1004,1001]}]}');
  assert.equal(readReassignmentZnode(text), moves);
});

for (const text of ['', '{}', 'null', '{"partitions":[{"topic":"foo"}]}', '{"partitions":[null]}']) {
  test(`no reassignment: ${text}`, () => assert.is(readReassignmentZnode(text), undefined));
}

const view = (replicas: number[], isr: number[]): PartitionView => ({
  ...{ topic: 'foo', partition: 0, leader: 1, minIsr: 1, topicId: null },
  ...{ replicas, isr },
});

for (const [name, partitions, replicas, adding, removing] of [
  ['queued', [view([1, 2], [1, 2])], [2, 3, 1], [3], [1]],
  ['under way', [view([2, 3, 1], [1, 2])], [2, 3, 1], [3], [1]],
  ['all but done', [view([2, 3], [2, 3])], [2, 3], [], []],
  ['of a topic that is gone', [], [2, 3], [2, 3], []],
] as const) {
  test(`a move ${name}`, () => {
    const moves = reassignmentsOf([{ topic: 'foo', partition: 0, replicas: [2, 3] }], partitions);
    assert.equal(moves, [{ topic: 'foo', partition: 0, replicas, adding, removing }]);
  });
}

for (const [operation, value, before, after] of [
  ['set', '2', { k: '1', other: 'x' }, { k: '2', other: 'x' }],
  ['set', '2', {}, { k: '2' }],
  ['delete', '', { k: '1' }, {}],
  ['append', '0:1,0:2', {}, { k: '0:1,0:2' }],
  ['append', '0:2,0:3', { k: '0:1,0:2' }, { k: '0:1,0:2,0:3' }],
  ['subtract', '0:1', { k: '0:1,0:2' }, { k: '0:2' }],
  ['subtract', '0:1,0:2', { k: '0:1,0:2' }, {}],
  ['subtract', '0:1', {}, {}],
] as const) {
  test(`${operation} ${value} to ${JSON.stringify(before)}`, () => {
    assert.equal(changeConfig(before, [{ key: 'k', operation, value }]), after);
  });
}

test('configs are read, or are none', () => {
  assert.equal(readConfigZnode('{"version":1,"config":{"a":"b"}}'), { a: 'b' });
  for (const text of ['', 'null', '{"version":1}', '{"config":null}']) assert.is(readConfigZnode(text), undefined);
});

test('the replicas of a topic, in their order', () => {
  const read = readTopicZnode('{"version":1,"partitions":{"0":[3,1,2],"10":[1],"2":"x"}}');
  assert.equal(
    [...(read ?? [])],
    [
      [0, [3, 1, 2]],
      [10, [1]],
    ],
  );
  for (const text of ['', '[]', '{"version":1}', 'null', '{"partitions":3}'])
    assert.is(readTopicZnode(text), undefined);
});

test.run();
