/** Begins and calls off moves of replicas (KIP-455). */
import type { Move } from '../../ports-kafka.ts';
import type { Api } from './api.ts';
import { readResults, type PartitionResult } from './results.ts';
import { byTopic } from './topics.ts';

export interface AlterReassignmentsRequest {
  readonly moves: readonly Move[];
  readonly timeoutMs: number;
}

export interface AlterReassignmentsAnswer {
  readonly error: number;
  readonly message: string | null;
  readonly results: readonly PartitionResult[];
}

/** 0: Kafka 2.4; 1: 4.1, which can forbid another replication factor (KIP-860): a move here never has one. */
export const alterPartitionReassignments: Api<AlterReassignmentsRequest, AlterReassignmentsAnswer> = {
  key: 45,
  name: 'AlterPartitionReassignments',
  since: '2.4',
  versions: [0, 1],
  flexibleFrom: 0,
  write(to, { moves, timeoutMs }, version) {
    to.int32(timeoutMs);
    if (version >= 1) to.boolean(false);
    to.structs(byTopic(moves), (group) => {
      to.string(group.topic);
      to.structs(group.partitions, ({ partition, replicas }) => {
        to.int32(partition);
        to.int32s(replicas);
      });
    });
    to.tags();
  },
  read(from, version) {
    from.int32();
    if (version >= 1) from.boolean();
    const error = from.int16();
    const message = from.nullableString();
    const results = readResults(from);
    from.tags();
    return { error, message, results };
  },
};
