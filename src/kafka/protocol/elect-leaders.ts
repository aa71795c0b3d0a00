/** Elects leaders, the preferred ones (KIP-183) or whoever is left (KIP-460). */
import type { PartitionName } from '../../domain/kafka-view.ts';
import type { Api } from './api.ts';
import { readResults, type PartitionResult } from './results.ts';
import { byTopic } from './topics.ts';

export interface ElectLeadersRequest {
  /** Before version 1 there is but the preferred one. */
  readonly type: 'preferred' | 'unclean';
  readonly partitions: readonly PartitionName[];
  readonly timeoutMs: number;
}

export interface ElectLeadersAnswer {
  readonly error: number;
  readonly results: readonly PartitionResult[];
}

/** 0: Kafka 2.2; 1: 2.4, with the type and an error of the whole; 2: 2.4, flexible. */
export const electLeaders: Api<ElectLeadersRequest, ElectLeadersAnswer> = {
  key: 43,
  name: 'ElectLeaders',
  since: '2.2',
  versions: [0, 2],
  flexibleFrom: 2,
  write(to, { type, partitions, timeoutMs }, version) {
    if (version >= 1) to.int8(type === 'preferred' ? 0 : 1);
    to.structs(byTopic(partitions), (group) => {
      to.string(group.topic);
      to.int32s(group.partitions.map(({ partition }) => partition));
    });
    to.int32(timeoutMs);
    to.tags();
  },
  read(from, version) {
    from.int32();
    const error = version >= 1 ? from.int16() : 0;
    const results = readResults(from);
    from.tags();
    return { error, results };
  },
};
