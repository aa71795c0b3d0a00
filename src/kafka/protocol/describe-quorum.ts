/** Who votes in KRaft's quorum and who follows it: controllers and brokers, with the ids of their directories (KIP-595). */
import type { Quorum, QuorumReplica } from '../../domain/kafka-view.ts';
import type { Api } from './api.ts';
import type { Reader } from './reader.ts';

export interface DescribeQuorumAnswer {
  readonly error: number;
  readonly message: string | null;
  readonly quorum: Quorum | undefined;
}

/** 0: Kafka 3.3; 1: 3.3, times (KIP-836); 2: 3.9, directory ids and addresses (KIP-853). KRaft alone has it. */
export const describeQuorum: Api<null, DescribeQuorumAnswer> = {
  key: 55,
  name: 'DescribeQuorum',
  since: '3.3',
  versions: [0, 2],
  flexibleFrom: 0,
  write(to) {
    to.structs(['__cluster_metadata'], (topic) => {
      to.string(topic);
      to.structs([0], (partition) => to.int32(partition));
    });
    to.tags();
  },
  read(from, version) {
    const error = from.int16();
    const message = version >= 2 ? from.nullableString() : null;
    const topics = from.structs(() => {
      from.string();
      return from.structs(() => readPartition(from, version));
    });
    if (version >= 2) skipNodes(from);
    from.tags();
    const [partition] = topics.flat();
    return {
      error: error === 0 ? (partition?.error ?? 0) : error,
      message: message ?? partition?.message ?? null,
      quorum: partition,
    };
  },
};

type Partition = Quorum & Pick<DescribeQuorumAnswer, 'error' | 'message'>;

function readPartition(from: Reader, version: number): Partition {
  from.int32();
  const error = from.int16();
  const message = version >= 2 ? from.nullableString() : null;
  const leader = from.int32();
  from.int32();
  from.int64();
  const voters = from.structs(() => readReplica(from, version));
  const observers = from.structs(() => readReplica(from, version));
  return { error, message, leader, voters, observers };
}

function readReplica(from: Reader, version: number): QuorumReplica {
  const id = from.int32();
  const directoryId = version >= 2 ? from.uuid() : null;
  const logEndOffset = from.int64();
  const lastFetchMs = version >= 1 ? from.int64() : -1;
  if (version >= 1) from.int64();
  return { id, directoryId, logEndOffset, lastFetchMs };
}

function skipNodes(from: Reader): void {
  from.structs(() => {
    from.int32();
    from.structs(() => {
      from.string();
      from.string();
      from.uint16();
    });
  });
}
