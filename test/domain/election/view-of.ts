/** Views of a cluster for the tests of elections: brokers 0, 1, 2, all live, every replica in sync, unless said otherwise. */
import type { KafkaView, PartitionView } from '../../../src/domain/kafka-view.ts';

export const partition = (number: number, differences: Partial<PartitionView> = {}): PartitionView => ({
  ...{ topic: 'orders', partition: number, leader: 1, replicas: [0, 1, 2], isr: [0, 1, 2], minIsr: 2, topicId: null },
  ...differences,
});

export const view = (partitions: readonly PartitionView[], brokers: readonly number[] = [0, 1, 2]): KafkaView => ({
  ...{ clusterId: 'c', brokers, known: [], controller: 0, partitions },
});
