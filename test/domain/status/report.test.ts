import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { reportOf } from '../../../src/domain/status/report.ts';
import { sizeOf } from '../../../src/domain/status/size.ts';
import { describeLogDir, describeSources } from '../../../src/domain/status/words.ts';
import { podOf } from '../fleet/fleet-of.ts';
import { claimOf, kafkaOf, partitionOf, reportOn, sightOf, type Given } from './sight-of.ts';

const test = suite('the report of a status');

const claims = [claimOf(0), claimOf(1)];
const pods = [podOf(0), podOf(1), podOf(2)];
const partitions = [partitionOf(0, [0, 1]), partitionOf(1, [1, 0])];
const kafka = kafkaOf({ brokers: [0, 1], partitions });
const down = kafkaOf({
  brokers: [0],
  partitions: [partitionOf(0, [0, 1], [0]), { ...partitionOf(1, [1]), leader: -1 }],
});

const table: readonly (readonly [string, Given, readonly string[]])[] = [
  ['all is well', { claims, kafka }, []],
  ['a pod is missing', { pods: pods.slice(1) }, ['ReplicaSet kafka: 2 of 3 brokers serve']],
  [
    'a broker is gone',
    { claims: [claimOf(0)], kafka: down },
    [
      'broker 1: gone: 2 partitions list it, and no broker has it',
      'partition orders-1 has no leader',
      'partition orders-0 has replicas that are not in sync',
    ],
  ],
  [
    'a broker is not in the cluster, and nothing is missed yet',
    { claims, kafka: kafkaOf({ brokers: [0], partitions: [partitionOf(0, [0])] }) },
    ['broker 1: not in the cluster: its broker is starting, or can not reach it'],
  ],
  [
    'too few in sync to be written to',
    { kafka: kafkaOf({ brokers: [0, 1], partitions: [{ ...partitionOf(0, [0, 1]), minIsr: 3 }] }) },
    ['partition orders-0 has fewer replicas in sync than min.insync.replicas'],
  ],
  [
    'a replica that only arrives is no fault',
    {
      kafka: kafkaOf({
        ...{ brokers: [0, 1], partitions: [partitionOf(0, [0, 1], [0])] },
        differences: { moves: [{ topic: 'orders', partition: 0, replicas: [0, 1], adding: [1], removing: [] }] },
      }),
    },
    [],
  ],
  [
    'leaders elsewhere are no fault',
    { kafka: kafkaOf({ brokers: [0, 1], partitions: [{ ...partitionOf(0, [0, 1]), leader: 1 }] }) },
    [],
  ],
  [
    'another cluster',
    { claims: [claimOf(0, { clusterId: 'other' }), claimOf(1)], kafka },
    ['kafka-logs-0 is of cluster other, and these brokers are of c'],
  ],
];
for (const [name, given, faults] of table) test(name, () => assert.equal(reportOn(given).faults, faults));

test('what was named, and can not be seen, is a fault; what was not is left out', () => {
  const sight = sightOf({ claims });
  const named = reportOf({ ...sight, kafka: { kind: 'unseen', why: 'no answer', wanted: true } });
  assert.equal(named.faults, ['Kafka: no answer']);
  const not = reportOf({ ...sight, kubernetes: { kind: 'unseen', why: 'pods is forbidden', wanted: false } });
  assert.equal(not.faults, []);
  assert.equal(describeSources(not), [
    'volume /data: ext4 on this machine, uuid u',
    'Kubernetes is left out: pods is forbidden',
  ]);
  assert.equal(
    describeSources(reportOn({ claims, kafka })).at(-1),
    'Kafka: cluster c, 2 brokers, 2 partitions; sizes are of messages, as brokers tell',
  );
});

test('the size of a log dir: as its broker tells, else as it was counted', () => {
  const logDirs = {
    'kafka-logs-0': { bytes: 5, whole: true, madeAt: null },
    'kafka-logs-2': { bytes: 1_400_000, whole: false, madeAt: null },
  };
  const { lines } = reportOn({ claims: [...claims, claimOf(2)], logDirs, kafka });
  assert.equal(lines.map(describeLogDir), [
    'kafka-logs-0 (2.0 kB)',
    'kafka-logs-1 (2.0 kB)',
    'kafka-logs-2 (≥ 1.4 MB)',
  ]);
  const [onlyPod] = reportOn({ pods: [podOf(3)] }).lines;
  assert.is(onlyPod && describeLogDir(onlyPod), 'kafka-logs-3');
});

for (const [bytes, text] of [
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [12_345, '12 kB'],
  [1_400_000_000, '1.4 GB'],
  [2e18, '2000 PB'],
] as const) {
  test(`${bytes} bytes: ${text}`, () => assert.is(sizeOf(bytes), text));
}

test.run();
