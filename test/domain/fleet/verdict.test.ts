import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ContainerView, FleetPod } from '../../../src/domain/fleet/fleet.ts';
import { faultsOf, judgePod, waitsOf, type Verdict } from '../../../src/domain/fleet/verdict.ts';
import { minutesAgo, owner, podOf, running, sceneOf } from './fleet-of.ts';

const test = suite("verdicts on brokers' pods");
const three = [podOf(0), podOf(1), podOf(2)];

const ended = (status: number, message: string, reason = 'Error') => ({ status, reason, message, at: minutesAgo(1) });
const agentThat = (differences: Partial<ContainerView>): Pick<FleetPod, 'containers'> => ({
  containers: [{ ...running, name: 'barnabas', agent: true, ...differences }, running],
});
const backingOff = { kind: 'waiting', reason: 'CrashLoopBackOff', message: 'back-off 40s' } as const;

const table: readonly (readonly [string, FleetPod, Verdict['mark'], string, RegExp?])[] = [
  ['serving', podOf(0), 'good', 'serves'],
  ['deleted in its grace period', podOf(0, { deletingUntil: minutesAgo(-1) }), 'waits', 'leaving'],
  ['overdue', podOf(0, { deletingUntil: minutesAgo(2) }), 'bad', 'leaving, and overdue', /kubectl taint node node1/],
  ['evicted', podOf(0, { phase: 'Failed' }), 'bad', 'ended: Failed', /delete pod kafka-0 -n kafka/],
  ['without a place', podOf(null, { unscheduled: '0/3 nodes' }), 'bad', 'not scheduled: 0/3 nodes', /make room/],
  ['new', podOf(null), 'waits', 'no id yet'],
  ['starting', podOf(0, { ready: false }), 'waits', 'not ready: its broker is starting'],
  ['outlived', podOf(0, { name: 'old', uid: 'old' }), 'bad', 'superseded: kafka-0 has id 0', /delete pod old/],
  [
    'refused, with its last words',
    podOf(
      null,
      agentThat({ state: backingOff, last: ended(3, 'cannot claim: a person must decide\n  - broker id 1') }),
    ),
    'bad',
    'no id: barnabas: CrashLoopBackOff, last ended with status 3: cannot claim: a person must decide',
    /^data are at stake/,
  ],
  [
    'without memory',
    podOf(0, { ready: false, ...agentThat({ state: { kind: 'ended', ...ended(137, '', 'OOMKilled') } }) }),
    'bad',
    'not ready: barnabas ended with status 137 (OOMKilled)',
    /raise the memory limit of container barnabas/,
  ],
  [
    'without an image',
    podOf(null, agentThat({ state: { kind: 'waiting', reason: 'ImagePullBackOff', message: 'no such image' } })),
    'bad',
    'no id: barnabas: ImagePullBackOff: no such image',
    /kubectl describe pod kafka-x/,
  ],
  [
    'being made',
    podOf(null, agentThat({ state: { kind: 'waiting', reason: 'PodInitializing', message: '' } })),
    'waits',
    'no id yet',
  ],
];
for (const [name, pod, mark, words, next] of table) {
  test(`${name}: ${words}`, () => {
    const others = name === 'outlived' ? [podOf(0, { generation: 2 })] : [];
    const verdict = judgePod(pod, sceneOf([pod, ...others]));
    assert.is(verdict.words, words);
    assert.is(verdict.mark, mark);
    if (next) assert.match(verdict.next ?? '', next);
    else assert.is(verdict.next, undefined);
  });
}

test('a pod without an id waits for what its agent told last', () => {
  const event = { podUid: 'uid-x', at: minutesAgo(1), type: 'Normal', count: 1, reason: 'WaitingForTerminatingBroker' };
  const waits = waitsOf([
    { ...event, note: 'Broker id 0 is held by pod "a", which is shutting down' },
    { ...event, note: 'Broker id 1 is held by pod "b", which is shutting down' },
    { ...event, note: 'New broker id 1', reason: 'BrokerIdClaimed' },
  ]);
  const { words, mark } = judgePod(podOf(null), sceneOf([], { waits }));
  assert.is(words, 'waiting for id: id 1 is held by pod "b", which is shutting down');
  assert.is(mark, 'waits');
});

const healthy: readonly (readonly [string, readonly FleetPod[], readonly string[]])[] = [
  ['every replica serves', three, []],
  ['one more is leaving', [...three, podOf(2, { uid: 'old', deletingUntil: minutesAgo(-1) })], []],
  ['one is missing', three.slice(1), ['ReplicaSet kafka: 2 of 3 brokers serve']],
  ['one has no id', [podOf(null), podOf(1), podOf(2)], ['ReplicaSet kafka: 2 of 3 brokers serve']],
  ['one is not ready', [podOf(0, { ready: false }), ...three.slice(1)], ['ReplicaSet kafka: 2 of 3 brokers serve']],
  [
    'two have one id',
    [podOf(0), podOf(1), podOf(1, { uid: 'u', generation: 2 })],
    ['ReplicaSet kafka: 2 of 3 brokers serve'],
  ],
  ['one of no ReplicaSet', [...three, podOf(3, { ownerUid: null, ready: false })], ['pod kafka-3 does not serve']],
];
for (const [name, pods, faults] of healthy) {
  test(`health: ${name}`, () => assert.equal(faultsOf(sceneOf(pods)), faults));
}

test('health: a ReplicaSet without any pod', () => {
  const fleet = { namespace: 'kafka', owners: [{ ...owner, uid: 'other', name: 'more', replicas: 1 }], pods: [] };
  assert.equal(faultsOf(sceneOf([], { fleet })), ['ReplicaSet more: 0 of 1 brokers serve']);
});

test.run();
