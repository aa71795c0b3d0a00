import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { minutesAgo, podOf, running } from '../fleet/fleet-of.ts';
import { claimOf, kafkaOf, partitionOf, reportOn, type Given } from './sight-of.ts';

const test = suite('verdicts of a status');

const threePods = [podOf(0), podOf(1), podOf(2)];
const threeClaims = [claimOf(0), claimOf(1), claimOf(2)];
const three = [0, 1, 2];
const whole = [partitionOf(0, [0, 1, 2]), partitionOf(1, [1, 2, 0]), partitionOf(2, [2, 0, 1])];
const kafka = kafkaOf({ brokers: three, partitions: whole });
const well: Given = { pods: threePods, claims: threeClaims, kafka };

const without2 = {
  brokers: [0, 1],
  partitions: whole.map(({ partition, replicas }) =>
    partitionOf(
      partition,
      replicas,
      replicas.filter((id) => id !== 2),
    ),
  ),
};
const free = claimOf(2, { state: 'free', verdict: 'free: kubelet: it ended', lock: 'free' });
const freeHolder = { ...free, holder: free.holder && { ...free.holder, ended: true } };
const held = claimOf(2, { state: 'held', verdict: 'claimed in sidecar mode: a free lock says nothing', lock: 'free' });
const ended = { kind: 'ended', status: 143, reason: 'Error', message: '', at: minutesAgo(1) } as const;
const deadPod = podOf(2, { deletingUntil: minutesAgo(-1), ready: false, containers: [{ ...running, state: ended }] });
const newDisk = { 'kafka-logs-2': { bytes: 4096, whole: true, madeAt: minutesAgo(8) } };
const oldDisk = { 'kafka-logs-2': { bytes: 4096, whole: true, madeAt: minutesAgo(500) } };
const catchingUp = kafkaOf({ ...without2, brokers: three });
const answerOf = (bytes: number | null) => ({ release: '3.9', bytes });
const sized = (bytes: number | null, others: number | null = 9000) => ({
  ...catchingUp,
  brokers: new Map([
    [0, answerOf(others)],
    [1, answerOf(others)],
    [2, answerOf(bytes)],
  ]),
});
const longAgo = threeClaims.map((claim) => ({
  ...claim,
  holder: claim.holder && { ...claim.holder, since: minutesAgo(500) },
}));
const quorum = (directoryId: string) => ({
  ...{ leader: 100, voters: [] },
  observers: [
    { id: 0, directoryId: 'disk-0', logEndOffset: 1, lastFetchMs: 1 },
    { id: 2, directoryId, logEndOffset: 1, lastFetchMs: 1 },
  ],
});
const onOtherDisk = kafkaOf({ brokers: three, partitions: whole, differences: { quorum: quorum('other') } });
/** 1003 is gone, with all of its data; 1004 has come in its place. */
const replaced = [partitionOf(0, [1001, 1003], [1001]), partitionOf(1, [1003, 1001], [1001])];
const autoIds = kafkaOf({ brokers: [1001, 1004], partitions: replaced });

/** Of broker 2, or of the id that stands first. */
const table: readonly (readonly [string, Given, string, 'good' | 'waits' | 'bad', (RegExp | undefined)?, number?])[] = [
  ['all is well', well, 'serves', 'good'],
  ['only the volume', { claims: threeClaims }, 'alive', 'good'],
  ['only Kubernetes', { pods: threePods }, 'serves', 'good'],
  ['only Kafka', { kafka }, 'serves', 'good'],
  ['volume and Kafka', { claims: threeClaims, kafka }, 'serves', 'good'],
  ['Kubernetes and Kafka', { pods: threePods, kafka }, 'serves', 'good'],
  [
    'never claimed',
    { claims: [claimOf(2, { holder: null, state: 'unclaimed', verdict: 'never claimed' })] },
    'never claimed',
    'waits',
  ],
  ['ended, and nothing else is known', { claims: [freeHolder] }, 'free: kubelet: it ended', 'waits'],
  [
    'a claim that can not be seen to live',
    { claims: [held] },
    'claimed in sidecar mode: a free lock says nothing',
    'waits',
  ],
  ['a sidecar, with Kafka', { claims: [claimOf(0), claimOf(1), held], kafka }, 'serves', 'good'],
  [
    'two log dirs',
    { ...well, claims: [claimOf(2, { state: 'refused', verdict: 'both a and b are log dirs of this id' })] },
    'both a and b are log dirs of this id',
    'bad',
    /--explain/,
  ],
  [
    'held by a dead pod',
    { pods: [podOf(0), podOf(1), deadPod], claims: [claimOf(0), claimOf(1), held], kafka: kafkaOf(without2) },
    'held by a dead pod: kubelet: every container has terminated, and it is being deleted',
    'bad',
    /takes it over/,
  ],
  [
    'its lock is free on its own machine, and its pod is still said to run',
    { pods: threePods, claims: [claimOf(2, { state: 'dead', verdict: 'dead: its lock is free', lock: 'free' })] },
    'held by a dead pod: dead: its lock is free',
    'bad',
  ],
  [
    'a pod that is leaving is not dead yet',
    { pods: [podOf(2, { deletingUntil: minutesAgo(-1) })], claims: [held] },
    'leaving',
    'waits',
  ],
  [
    'its lock is free on its own machine',
    { claims: [claimOf(2, { state: 'dead', verdict: 'dead: its lock is free', lock: 'free' })], kafka },
    'held by a dead pod: dead: its lock is free, still registered',
    'bad',
    /takes it over/,
  ],
  [
    'a pod that Kubernetes does not know',
    { pods: [podOf(0)], claims: [held] },
    'held by a pod that is gone: Kubernetes does not know kafka-2, which proves no death',
    'bad',
    /barnabas release 2/,
  ],
  [
    'the same, in another namespace',
    { pods: [podOf(0)], claims: [{ ...held, holder: held.holder && { ...held.holder, namespace: 'other' } }] },
    'claimed in sidecar mode: a free lock says nothing',
    'waits',
  ],
  ['the same, while it serves', { pods: [podOf(0)], claims: [held], kafka }, 'serves', 'good'],
  [
    'another disk, by what the quorum knows',
    { ...well, kafka: onOtherDisk },
    'same id, new disk: its broker runs on directory other, and here is disk-2',
    'bad',
    /Replicas come back by themselves/,
  ],
  [
    'the same disk, by what the quorum knows',
    { ...well, kafka: { ...onOtherDisk, quorum: quorum('disk-2') } },
    'serves',
    'good',
  ],
  [
    "directories that are not those of log dirs: KRaft's metadata lie apart",
    { claims: threeClaims.map((claim) => ({ ...claim, directoryId: `other-${claim.id}` })), kafka: onOtherDisk },
    'serves',
    'good',
  ],
  [
    'a voter that was configured has none',
    { ...well, kafka: { ...onOtherDisk, quorum: quorum('A'.repeat(22)) } },
    'serves',
    'good',
  ],
  [
    'another disk, of a broker that is away',
    {
      claims: [claimOf(0), freeHolder],
      kafka: kafkaOf({ ...without2, fenced: [2], differences: { quorum: quorum('other') } }),
    },
    'same id, new disk: its broker was last seen on directory other, and here is disk-2',
    'bad',
  ],
  [
    'a new log dir, and nothing in sync',
    { claims: threeClaims, kafka: sized(100), logDirs: newDisk },
    'same id, new disk: its log dir is new, and 3 of its 3 replicas are not in sync yet',
    'bad',
  ],
  [
    'a new log dir, as the claim on the pod tells',
    { pods: threePods, kafka: sized(100) },
    'same id, new disk: its log dir is new, and 3 of its 3 replicas are not in sync yet',
    'bad',
  ],
  [
    'an old log dir, and nothing in sync',
    { claims: threeClaims, kafka: sized(100), logDirs: oldDisk },
    'catching up: 3 of its 3 replicas are not in sync',
    'waits',
  ],
  [
    'a log dir of the present claim with all of its data: its broker has fallen behind',
    { claims: threeClaims, kafka: sized(8000), logDirs: newDisk },
    'catching up: 3 of its 3 replicas are not in sync',
    'waits',
  ],
  [
    'a young log dir, where brokers tell no sizes',
    { claims: threeClaims, kafka: sized(null, null), logDirs: newDisk },
    'same id, new disk: its log dir is new, and 3 of its 3 replicas are not in sync yet',
    'bad',
  ],
  [
    'a log dir of long ago, where brokers tell no sizes',
    { claims: longAgo, kafka: sized(null, null), logDirs: newDisk },
    'catching up: 3 of its 3 replicas are not in sync',
    'waits',
  ],
  [
    'replicas on the way to a new broker',
    {
      claims: threeClaims,
      kafka: kafkaOf({
        ...{ brokers: three, partitions: [partitionOf(0, [0, 2], [0])] },
        differences: { moves: [{ topic: 'orders', partition: 0, replicas: [0, 2], adding: [2], removing: [] }] },
      }),
      logDirs: newDisk,
    },
    '1 replica is on the way to it',
    'waits',
  ],
  [
    'a new id stands where another was',
    { kafka: autoIds },
    'new id 1004 stands where 1003 was',
    'bad',
    /^barnabas recover plan --replace 1003=1004$/,
    1004,
  ],
  [
    'the one that was',
    { kafka: autoIds },
    'gone: 2 partitions list it, and no broker has it',
    'bad',
    /^barnabas recover plan --replace 1003=1004$/,
    1003,
  ],
  [
    'a new id, while the data of the old are there',
    { claims: [claimOf(1003, { ...freeHolder, id: 1003, logDirs: ['kafka-logs-1003'] })], kafka: autoIds },
    'new id 1004 stands where 1003 was',
    'bad',
    /a pod that claims that id brings them back/,
    1004,
  ],
  [
    'a new id, while of the old nothing but its claim is there',
    { claims: [claimOf(1003, { ...freeHolder, id: 1003, logDirs: [] })], kafka: autoIds },
    'new id 1004 stands where 1003 was',
    'bad',
    /^barnabas recover plan/,
    1004,
  ],
  [
    'one of several new ids',
    { kafka: kafkaOf({ brokers: [1001, 1004, 1005], partitions: replaced }) },
    'new id 1004 stands without a replica, while 1003 is gone',
    'bad',
    /for each/,
    1004,
  ],
  [
    'a new broker that nothing is gone beside',
    { kafka: kafkaOf({ brokers: [...three, 3], partitions: whole }) },
    'serves',
    'good',
    undefined,
    3,
  ],
  [
    'data that nobody claims',
    { claims: [claimOf(0), claimOf(1), freeHolder], kafka: kafkaOf(without2) },
    'no broker: its data wait for a pod to claim them (free: kubelet: it ended)',
    'bad',
    /start one more pod/,
  ],
  [
    'a dead registration in KRaft',
    { kafka: kafkaOf({ ...without2, fenced: [2] }) },
    'gone: 3 partitions list it, and no broker has it, still registered',
    'bad',
  ],
  [
    'fenced, and alive',
    { claims: threeClaims, kafka: kafkaOf({ ...without2, fenced: [2] }) },
    'fenced: its controller does not hear of it',
    'bad',
  ],
  [
    'starting',
    { claims: threeClaims, kafka: kafkaOf(without2) },
    'not in the cluster: its broker is starting, or can not reach it',
    'waits',
  ],
  [
    'a pod that is not ready says more',
    { pods: [podOf(0), podOf(1), podOf(2, { ready: false })], claims: threeClaims, kafka: kafkaOf(without2) },
    'not ready: its broker is starting',
    'waits',
  ],
  [
    'started outside Barnabas',
    { claims: [claimOf(2, { holder: null, state: 'unclaimed' })], kafka },
    'serves without a claim: it was started outside Barnabas',
    'waits',
  ],
  [
    'registered, though its claim has ended',
    { claims: [freeHolder], kafka },
    'registered, though nobody holds its id (free: kubelet: it ended)',
    'bad',
    /outside Barnabas/,
  ],
  [
    'in sync, and leading nothing',
    { kafka: kafkaOf({ brokers: three, partitions: whole.map((view) => ({ ...view, leader: 0 })) }) },
    'leads 0 of the 1 that it should',
    'waits',
    /barnabas elect/,
  ],
];

for (const [name, given, words, mark, next, id = 2] of table) {
  test(`${name}: ${words}`, () => {
    const verdict = reportOn(given).lines.find((each) => each.id === id)?.verdict;
    assert.is(verdict?.words, words);
    assert.is(verdict?.mark, mark);
    if (next) assert.match(verdict?.next ?? '', next);
  });
}

const superseded = podOf(2, { name: 'late', uid: 'late', generation: 1 });
test('two pods with one id: the holder by the volume, and the other for itself', () => {
  const pods = [podOf(2, { generation: 2 }), superseded];
  const { lines } = reportOn({ pods, claims: [claimOf(2)], kafka });
  const own = lines.filter(({ id }) => id === 2).map(({ pod, verdict }) => [pod?.name, verdict.words]);
  assert.equal(own, [
    ['kafka-2', 'serves'],
    ['late', 'superseded: kafka-2 has id 2'],
  ]);
  const stranger = reportOn({ pods: [podOf(2, { uid: 'x' })], claims: [claimOf(2)], kafka });
  assert.is(stranger.lines[2]?.verdict.words, 'serves');
  assert.is(stranger.lines[3]?.verdict.words, 'has id 2, and is not its holder');
});

test('a pod without an id stands at the end', () => {
  const { lines } = reportOn({ pods: [podOf(null), podOf(0)] });
  assert.equal(
    lines.map(({ id, verdict }) => [id, verdict.words]),
    [
      [0, 'serves'],
      [null, 'no id yet'],
    ],
  );
});

test.run();
