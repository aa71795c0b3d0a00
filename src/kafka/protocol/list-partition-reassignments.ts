/** Moves of replicas in flight (KIP-455). */
import type { Reassignment } from '../../domain/kafka-view.ts';
import type { Api } from './api.ts';
import { readTopics } from './topics.ts';

export interface ListReassignmentsRequest {
  readonly timeoutMs: number;
}

export interface ListReassignmentsAnswer {
  readonly error: number;
  readonly message: string | null;
  readonly reassignments: readonly Reassignment[];
}

/** 0: Kafka 2.4. Of every topic. */
export const listPartitionReassignments: Api<ListReassignmentsRequest, ListReassignmentsAnswer> = {
  key: 46,
  name: 'ListPartitionReassignments',
  since: '2.4',
  versions: [0, 0],
  flexibleFrom: 0,
  write(to, { timeoutMs }) {
    to.int32(timeoutMs);
    to.structs(null, () => undefined);
    to.tags();
  },
  read(from) {
    from.int32();
    const error = from.int16();
    const message = from.nullableString();
    const reassignments = readTopics(from, (topic) => ({
      topic,
      partition: from.int32(),
      replicas: from.int32s(),
      adding: from.int32s(),
      removing: from.int32s(),
    }));
    from.tags();
    return { error, message, reassignments };
  },
};
