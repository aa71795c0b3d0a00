/** Small clusters for the tests of recoveries. */
import fc from 'fast-check';
import type { KafkaView, PartitionView, Reassignment } from '../../../src/domain/kafka-view.ts';
import type { PlannedMove, RecoveryPlan } from '../../../src/domain/recovery/plan.ts';

export const partitionOf = (partition: number, differences: Partial<PartitionView> = {}): PartitionView => ({
  ...{ topic: 'orders', partition, leader: 1001, replicas: [1003, 1001, 1002], isr: [1001, 1002], minIsr: 2 },
  topicId: 'orders-id',
  ...differences,
});

/** 1003 is dead, 1004 has come. */
export function viewOf(
  partitions: readonly PartitionView[],
  brokers: readonly number[] = [1001, 1002, 1004],
): KafkaView {
  const known = brokers.map((id) => ({ id, host: `broker-${id}`, port: 9092, rack: null, fenced: false }));
  return { clusterId: 'cluster-id', brokers, known, controller: 1001, partitions };
}

export const flightOf = (
  partition: number,
  replicas: readonly number[],
  { adding, removing }: { readonly adding: readonly number[]; readonly removing: readonly number[] },
): Reassignment => ({ topic: 'orders', partition, replicas, adding, removing });

export const moveOf = (partition: number, differences: Partial<PlannedMove> = {}): PlannedMove => ({
  ...{ topic: 'orders', partition, before: [1003, 1001, 1002], after: [1004, 1001, 1002], bytes: 1000 },
  ...differences,
});

export const planOf = (moves: readonly PlannedMove[], differences: Partial<RecoveryPlan> = {}): RecoveryPlan => ({
  clusterId: 'cluster-id',
  replace: [{ old: 1003, new: 1004 }],
  topicIds: Object.fromEntries(moves.map(({ topic }) => [topic, `${topic}-id`])),
  moves,
  apart: [],
  ...differences,
});

/** Any partitions on brokers 1 to 6, of which some live; with distinct names. */
export const anyPartitions = (live: readonly number[]): fc.Arbitrary<PartitionView[]> =>
  fc
    .array(
      fc.record({
        replicas: fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 1, maxLength: 4 }),
        inSync: fc.nat(),
        minIsr: fc.integer({ min: 1, max: 3 }),
        topic: fc.constantFrom('a', 'b', 'c-1'),
      }),
      { maxLength: 25 },
    )
    .map((list) =>
      list.map(({ replicas, inSync, minIsr, topic }, partition) => {
        const isr = replicas.filter((_, index) => ((inSync >> index) & 1) === 1);
        const leader = isr.find((id) => live.includes(id)) ?? -1;
        return { topic, partition, leader, replicas, isr, minIsr, topicId: `${topic}-id` };
      }),
    );
