/** Partitions as requests and answers group them. */
import type { PartitionName } from '../../domain/kafka-view.ts';
import type { Reader } from './reader.ts';

export interface TopicGroup<T> {
  readonly topic: string;
  readonly partitions: readonly T[];
}

/** In the order in which topics first come. */
export function byTopic<T extends PartitionName>(partitions: readonly T[]): TopicGroup<T>[] {
  const groups = new Map<string, T[]>();
  for (const partition of partitions) {
    const group = groups.get(partition.topic);
    if (group) group.push(partition);
    else groups.set(partition.topic, [partition]);
  }
  return [...groups].map(([topic, group]) => ({ topic, partitions: group }));
}

/** The partitions of all topics. `read`: of one partition, whatever comes after its topic. */
export function readTopics<T>(from: Reader, read: (topic: string) => T): T[] {
  const topics = from.structs(() => {
    const topic = from.string();
    return from.structs(() => read(topic));
  });
  return topics.flat();
}
