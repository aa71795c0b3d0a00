import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawTree, growTree } from '../../../src/domain/fleet/tree.ts';
import { claimOf, kafkaOf, linesOf, partitionOf } from '../status/sight-of.ts';
import { podOf, sceneOf } from './fleet-of.ts';

const test = suite('the tree');
const signs = { good: '+ ', waits: '~ ', bad: '! ' } as const;

test('owners, pods, ids, and what those have', () => {
  const pods = [podOf(null), podOf(1, { pvc: null, claim: null, node: null }), podOf(0), podOf(7, { ownerUid: null })];
  const services = [
    { name: 'kafka-0', brokerId: 0 },
    { name: 'kafka-0-external', brokerId: 0 },
    { name: 'kafka-7', brokerId: 7 },
  ];
  const lines = drawTree(growTree({ scene: sceneOf(pods), services, lines: [] }));
  assert.equal(
    lines.map(({ lines: drawn, mark, text }) => `${drawn}${mark ? signs[mark] : ''}${text}`),
    [
      'ReplicaSet kafka: 2 of 3 serve',
      '├─ + pod kafka-0 on node1: serves',
      '│  └─ broker 0, generation 1 (new)',
      '│     ├─ Service kafka-0',
      '│     ├─ Service kafka-0-external',
      '│     └─ pvc kafka-data, kafka-logs-0',
      '├─ + pod kafka-1: serves',
      '│  └─ broker 1, generation 1',
      '│     └─ no Service',
      '└─ ~ pod kafka-x on node1: no id yet',
      'pods of no ReplicaSet in kafka',
      '└─ + pod kafka-7 on node1: serves',
      '   └─ broker 7, generation 1 (new)',
      '      ├─ Service kafka-7',
      '      └─ pvc kafka-data, kafka-logs-7',
    ],
  );
});

test('with what volume and Kafka say, and ids that no pod has', () => {
  const lines = linesOf({
    pods: [podOf(0)],
    claims: [claimOf(0), claimOf(4, { state: 'free', verdict: 'free: released: its broker had ended' })],
    kafka: kafkaOf({ brokers: [0], partitions: [partitionOf(0, [0, 4], [0])] }),
  });
  const drawn = drawTree(growTree({ scene: sceneOf([podOf(0)]), services: [], lines }));
  assert.equal(
    drawn.map((line) => `${line.lines}${line.mark ? signs[line.mark] : ''}${line.text}`),
    [
      'ReplicaSet kafka: 1 of 3 serve',
      '└─ + pod kafka-0 on node1: serves',
      '   └─ broker 0, generation 1 (new)',
      '      ├─ no Service',
      '      ├─ pvc kafka-data, kafka-logs-0 (2.0 kB)',
      '      └─ broker at host0:9092, Kafka 3.9, registered: leads 1 of its 1, 1 of 1 replicas in sync',
      'broker ids without a pod',
      '└─ ! broker 4: no broker: its data wait for a pod to claim them (free: released: its broker had ended)',
      '   ├─ kafka-logs-4',
      '   └─ no broker: leads 0 of its 0, 0 of 1 replicas in sync',
    ],
  );
});

test.run();
