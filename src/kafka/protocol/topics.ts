/** Partitions as requests group them. */
import type { PartitionName } from '../../domain/kafka-view.ts';

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
