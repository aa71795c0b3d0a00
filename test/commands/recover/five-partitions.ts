/** Five partitions on three brokers, of which 1003 is lost; 1004 is to take its place. */
import * as assert from 'uvu/assert';
import type { PartitionView } from '../../../src/domain/kafka-view.ts';
import { ModelKafka, type ModelOptions } from './model-kafka.ts';

export const live = [1001, 1002, 1004];

export const partition = (number: number, differences: Partial<PartitionView> = {}): PartitionView => ({
  ...{ topic: `t${number % 2}`, partition: number, leader: 1001, replicas: [1003, 1001, 1002], isr: [1001, 1002] },
  ...{ minIsr: 2, topicId: `id-${number % 2}`, ...differences },
});
export const orders: readonly (readonly number[])[] = [
  [1003, 1001, 1002],
  [1001, 1003, 1002],
  [1002, 1001, 1003],
  [1003, 1002, 1001],
  [1003, 1001, 1002],
];
export const five = (): PartitionView[] => orders.map((replicas, number) => partition(number, { replicas }));
export const earlier = {
  'broker 1001 leader.replication.throttled.rate': '777',
  'topic t0 leader.replication.throttled.replicas': '9:1001',
  'topic t1 follower.replication.throttled.replicas': '*',
};
export const cluster = (options: Partial<ModelOptions> = {}): ModelKafka =>
  new ModelKafka({ live, partitions: five(), speed: 600, configs: earlier, ...options });
export const throttled = { replace: '1003=1004', yes: true, throttle: '500', batchPartitions: '2' };

export const assignment = ({ partitions }: ModelKafka): string[] =>
  [...partitions.values()].map(({ replicas }) => replicas.join());
export const leaders = ({ partitions }: ModelKafka): number[] => [...partitions.values()].map(({ leader }) => leader);
export const before = orders.map((replicas) => replicas.join());
export const after = before.map((replicas) => replicas.replace('1003', '1004'));

export function isWhole(kafka: ModelKafka): void {
  assert.equal(assignment(kafka), after);
  assert.equal(leaders(kafka), [1004, 1001, 1002, 1004, 1004]);
  assert.equal(Object.fromEntries(kafka.configs), earlier);
  assert.equal(kafka.faults, []);
}
