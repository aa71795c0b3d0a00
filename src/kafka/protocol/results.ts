/** What became of each partition that was asked for. */
import type { PartitionName } from '../../domain/kafka-view.ts';
import type { Reader } from './reader.ts';
import { readTopics } from './topics.ts';

export interface PartitionResult extends PartitionName {
  readonly error: number;
  readonly message: string | null;
}

export const readResults = (from: Reader): PartitionResult[] =>
  readTopics(from, (topic) => ({
    topic,
    partition: from.int32(),
    error: from.int16(),
    message: from.nullableString(),
  }));
