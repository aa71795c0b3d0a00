import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FleetPod, Owner } from '../../../src/domain/fleet/fleet.ts';
import type { KafkaLook, KafkaView, PartitionView } from '../../../src/domain/kafka-view.ts';
import {
  chooseReplicaSet,
  inOrderOfRisk,
  notSpared,
  successorOf,
  targetsOf,
  whyNotNow,
} from '../../../src/domain/roll/roll.ts';
import { minutesAgo, owner, podOf } from '../fleet/fleet-of.ts';

const test = suite('a roll');

const partition = (number: number, differences: Partial<PartitionView> = {}): PartitionView => ({
  ...{ topic: 'orders', partition: number, leader: number % 3, replicas: [0, 1, 2], isr: [0, 1, 2], minIsr: 2 },
  topicId: null,
  ...differences,
});
const whole: KafkaView = {
  ...{ clusterId: null, brokers: [0, 1, 2], known: [], controller: 1 },
  partitions: [partition(0), partition(1), partition(3)],
};
const seen = (differences: Partial<KafkaView> = {}): KafkaLook => ({
  kind: 'seen',
  view: { ...whole, ...differences },
});
const unseen: KafkaLook = { kind: 'unseen', why: 'a partition has no leader' };
const three = [podOf(0), podOf(1), podOf(2)];
const newer: Owner = { ...owner, template: { ...owner.template, labels: { version: '2' } } };
const names = (list: readonly { readonly pod: FleetPod }[]): string[] => list.map(({ pod }) => pod.name);

test('its targets: those that differ, or all; none that leaves already, none of others', () => {
  const current = podOf(1, { mould: newer.template });
  const leaving = podOf(2, { deletingUntil: minutesAgo(-1) });
  const pods = [podOf(0), current, leaving, podOf(4, { ownerUid: 'other' })];
  assert.equal(names(targetsOf(pods, newer, 'outdated')), ['kafka-0']);
  assert.equal(names(targetsOf(pods, newer, 'every')), ['kafka-0', 'kafka-1']);
  assert.equal(targetsOf(pods, owner, 'outdated'), []);
});

const orders: readonly (readonly [string, readonly FleetPod[], KafkaLook, readonly string[]])[] = [
  ['who leads less goes first, the controller last', three, seen(), ['kafka-2', 'kafka-0', 'kafka-1']],
  [
    'a pod without an id goes before all',
    [...three, podOf(null)],
    seen(),
    ['kafka-x', 'kafka-2', 'kafka-0', 'kafka-1'],
  ],
  [
    'so does a broker that is not there, even the controller of yesterday',
    [podOf(0), podOf(1, { ready: false }), podOf(2)],
    seen({ brokers: [0, 2] }),
    ['kafka-1', 'kafka-2', 'kafka-0'],
  ],
  [
    'a broker whose readiness flickers has no such turn',
    [podOf(0), podOf(1, { ready: false }), podOf(2)],
    seen(),
    ['kafka-2', 'kafka-0', 'kafka-1'],
  ],
  ['by id where Kafka can not be asked', [...three].reverse(), unseen, ['kafka-0', 'kafka-1', 'kafka-2']],
];
for (const [name, pods, look, expected] of orders) {
  test(`order: ${name}`, () => {
    const targets = pods.map((pod) => ({ pod, because: [] }));
    assert.equal(names(inOrderOfRisk(targets, look)), expected);
  });
}

const safety: readonly (readonly [string, readonly FleetPod[], KafkaLook, string | undefined])[] = [
  ['all is well', three, seen(), undefined],
  ['a pod is missing', three.slice(1), seen(), '2 of 3 pods have an id and are ready'],
  ['one is not ready', [podOf(0, { ready: false }), ...three.slice(1)], seen(), '2 of 3 pods have an id and are ready'],
  ['one has no id', [podOf(null, { ready: true }), ...three.slice(1)], seen(), '2 of 3 pods have an id and are ready'],
  [
    'one is leaving',
    [podOf(0, { deletingUntil: minutesAgo(-1) }), ...three.slice(1)],
    seen(),
    '2 of 3 pods have an id and are ready',
  ],
  ['nobody can be asked', three, unseen, 'a partition has no leader'],
  ['a broker is not registered', three, seen({ brokers: [1, 2] }), 'broker 0 is not in the cluster yet'],
  [
    'a broker that has just started knows nobody',
    three,
    seen({ brokers: [], partitions: [] }),
    'broker 0, 1, 2 is not in the cluster yet',
  ],
  [
    'a partition has no leader',
    three,
    seen({ partitions: [partition(5, { leader: -1 })] }),
    'partition orders-5 has no leader',
  ],
  [
    'replicas are missing',
    three,
    seen({ partitions: [partition(0), partition(5, { isr: [1, 2] }), partition(6, { isr: [1] })] }),
    '2 partitions (orders-5, …) have replicas that are not in sync',
  ],
  [
    'there are fewer replicas than must be in sync',
    three,
    seen({ partitions: [partition(5, { replicas: [1], isr: [1], minIsr: 2 })] }),
    'partition orders-5 has fewer replicas than min.insync.replicas',
  ],
  ['no topic is there', three, seen({ partitions: [] }), undefined],
];
for (const [name, pods, look, why] of safety) {
  test(`the next may go, or not: ${name}`, () => assert.is(whyNotNow(pods, owner, look), why));
}

for (const [name, differences, spared] of [
  ['a replica to spare', {}, true],
  ['the last one', { replicas: [1], isr: [1], minIsr: 1 }, false],
  ['two that must be in sync', { replicas: [0, 1], isr: [0, 1] }, false],
  ['two of which one must be in sync', { replicas: [0, 1], isr: [0, 1], minIsr: 1 }, true],
  ['none of this broker', { replicas: [0], isr: [0], minIsr: 1 }, true],
] as const) {
  test(`${name}: ${spared ? 'spared' : 'not spared'}`, () => {
    const view = { ...whole, partitions: [partition(7, differences)] };
    assert.equal(notSpared(view, 1), spared ? [] : ['orders-7']);
  });
}

test('a successor has the id, and is not the one that was deleted, nor leaving', () => {
  const old = podOf(1, { uid: 'old', deletingUntil: minutesAgo(-1) });
  assert.is(successorOf([old, podOf(0)], old), undefined);
  assert.is(successorOf([podOf(1, { uid: 'older', deletingUntil: minutesAgo(-1) }), old], old), undefined);
  assert.is(successorOf([old, podOf(1)], old)?.uid, 'uid-1');
});

const more = { ...owner, name: 'more', uid: 'more' };
const choices: readonly (readonly [readonly Owner[], string | undefined, string])[] = [
  [[owner], undefined, 'kafka'],
  [[owner, more], 'more', 'more'],
  [[owner, more], undefined, 'which ReplicaSet? there is kafka, more'],
  [[owner], 'other', 'no ReplicaSet other of brokers: there is kafka'],
  [[{ ...owner, kind: 'StatefulSet' }], undefined, 'no ReplicaSet of brokers: there is none'],
  [
    [{ ...owner, deployment: 'web' }],
    undefined,
    'ReplicaSet kafka is of a Deployment, which replaces its pods itself: kubectl rollout restart deployment web',
  ],
];
for (const [owners, asked, expected] of choices) {
  test(`asked for ${asked ?? 'the only one'}: ${expected}`, () => {
    const choice = chooseReplicaSet(owners, asked);
    assert.is(choice.kind === 'one' ? choice.owner.name : choice.why, expected);
  });
}

test.run();
