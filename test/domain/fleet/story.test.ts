import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ageOf } from '../../../src/domain/fleet/age.ts';
import { storyOf, storyOfId, subjectOf } from '../../../src/domain/fleet/story.ts';
import { claimOf, kafkaOf, linesOf, partitionOf } from '../status/sight-of.ts';
import { minutesAgo, now, podOf, running, sceneOf } from './fleet-of.ts';

const test = suite('the story of a pod');
const event = { podUid: 'uid-1', at: minutesAgo(3), type: 'Normal', reason: 'BrokerIdClaimed', note: 'n', count: 1 };

test('its claim, its events, its containers', () => {
  const last = { status: 137, reason: 'OOMKilled', message: '', at: minutesAgo(6) };
  const pod = podOf(1, { containers: [{ ...running, restarts: 1, last }] });
  const events = [event, { ...event, podUid: 'other' }, { ...event, at: null, count: 3, reason: 'BackOff' }];
  assert.equal(storyOf(pod, { scene: sceneOf([pod]), events, lines: [] }), {
    title: 'pod kafka-1 on node1, 10m old: serves',
    claim: [
      'claimed broker id 1, generation 1, new: id 1 claimed: unused until now; generation 1',
      'log dir kafka-logs-1, claimed on node1',
    ],
    id: [],
    events: [
      ['3m ago', 'Normal', 'BrokerIdClaimed', 'n'],
      ['- ago', 'Normal', 'BackOff ×3', 'n'],
    ],
    containers: ['kafka: running for 5m (1 restart)', '  before that: ended 6m ago with status 137 (OOMKilled)'],
    next: undefined,
  });
});

const nothing = { scene: sceneOf([]), events: [], lines: [] };

test("an older claim's story is not told of a newer one", () => {
  const { claim } = storyOf(podOf(1, { generation: 2 }), nothing);
  assert.equal(claim, ['broker id 1, generation 2: how it was claimed is not written on the pod']);
  assert.equal(storyOf(podOf(null), nothing).claim, []);
});

const leaving = podOf(1, { name: 'old', uid: 'old', generation: 5, deletingUntil: minutesAgo(-1) });
const pods = [leaving, podOf(1), podOf(1, { name: 'newest', uid: 'n', generation: 4 }), podOf(null)];

for (const [asked, found] of [
  ['old', ['old']],
  ['kafka-x', ['kafka-x']],
  ['1', ['newest', 'kafka-1', 'old']],
] as const) {
  test(`asked for ${asked}: ${found.join(', ')}`, () => {
    const subject = subjectOf(asked, { scene: sceneOf(pods), lines: [] });
    if (subject.kind !== 'pod') throw new Error(subject.kind);
    assert.equal(
      [subject.pod, ...subject.others].map(({ name }) => name),
      [...found],
    );
  });
}

for (const [asked, why] of [
  ['2', 'no pod in kafka has broker id 2, and without an id are: kafka-x'],
  ['zookeeper', "no broker's pod in kafka is called zookeeper: old, kafka-1, newest, kafka-x"],
] as const) {
  test(`asked for ${asked}: ${why}`, () =>
    assert.equal(subjectOf(asked, { scene: sceneOf(pods), lines: [] }), { kind: 'none', why }));
}

test('with what volume and Kafka say of its id', () => {
  const lines = linesOf({
    pods: [podOf(0)],
    claims: [claimOf(0)],
    kafka: kafkaOf({ brokers: [0], partitions: [partitionOf(0, [0], [0])] }),
  });
  const { title, id } = storyOf(podOf(0), { scene: sceneOf([podOf(0)]), events: [], lines });
  assert.is(title, 'pod kafka-0 on node1, 10m old: serves');
  assert.equal(id, [
    'on the volume: kafka-logs-0 (2.0 kB); lock held; alive',
    `its last claim: generation 1 by kafka-0 on node1, ${minutesAgo(9)}`,
    'in Kafka: broker at host0:9092, Kafka 3.9, registered: leads 1 of its 1, 1 of 1 replicas in sync',
  ]);
});

test('of an id that no pod has', () => {
  const lines = linesOf({
    pods: [podOf(0)],
    kafka: kafkaOf({ brokers: [0], partitions: [partitionOf(0, [0, 7], [0])] }),
  });
  const subject = subjectOf('7', { scene: sceneOf([podOf(0)]), lines });
  if (subject.kind !== 'id') throw new Error(subject.kind);
  const { title, id, next } = storyOfId(subject.line);
  assert.is(title, 'broker 7: gone: 1 partition lists it, and no broker has it');
  assert.equal(id, ['in Kafka: no broker: leads 0 of its 0, 0 of 1 replicas in sync']);
  assert.is(next, 'bring its data back, or replace it: barnabas recover plan --replace OLD=NEW');
});

for (const [minutes, age] of [
  [0, '0s'],
  [1.5, '90s'],
  [2, '2m'],
  [119, '119m'],
  [120, '2h'],
  [60 * 47, '47h'],
  [60 * 48, '2d'],
  [-1, '0s'],
] as const) {
  test(`${minutes} minutes: ${age}`, () => assert.is(ageOf(minutesAgo(minutes), now), age));
}

test.run();
