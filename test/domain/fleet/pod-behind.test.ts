import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { podBehind } from '../../../src/domain/fleet/pod-behind.ts';
import { minutesAgo, podOf } from './fleet-of.ts';

const test = suite('the pod behind an advertised host');
const leaving = podOf(1, { name: 'leaving', generation: 9, deletingUntil: minutesAgo(-1), ip: 'fd00::1' });
const pods = [leaving, podOf(1), podOf(2), podOf(12, { ip: '10.0.1.2' })];

for (const [host, name] of [
  ['kafka-2.pets.svc', 'kafka-2'],
  ['kafka-1.pets.svc.cluster.local', 'kafka-1'],
  ['broker-12', 'kafka-12'],
  ['b2', 'kafka-2'],
  ['10.0.0.2', 'kafka-2'],
  ['fd00::1', 'leaving'],
  ['10.0.9.2', undefined],
  ['fd00::2', undefined],
  ['kafka.pets1.svc', undefined],
  ['kafka-3', undefined],
] as const) {
  test(`${host}: ${String(name)}`, () => assert.is(podBehind(host, pods)?.name, name));
}

test.run();
