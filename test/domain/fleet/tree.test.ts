import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawTree, growTree } from '../../../src/domain/fleet/tree.ts';
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
  const lines = drawTree(growTree(sceneOf(pods), services));
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

test.run();
