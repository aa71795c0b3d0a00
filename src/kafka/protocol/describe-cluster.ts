/** The brokers that are registered (KIP-700), in KRaft also those that nobody hears of (KIP-1073). */
import type { BrokerView } from '../../domain/kafka-view.ts';
import type { Api } from './api.ts';

export interface DescribeClusterAnswer {
  readonly error: number;
  readonly message: string | null;
  readonly clusterId: string;
  readonly brokers: readonly BrokerView[];
}

/** 0: Kafka 2.8; 1: 3.7, brokers or controllers (KIP-919); 2: 4.0, with fenced ones. */
export const describeCluster: Api<null, DescribeClusterAnswer> = {
  key: 60,
  name: 'DescribeCluster',
  since: '2.8',
  versions: [0, 2],
  flexibleFrom: 0,
  write(to, _, version) {
    to.boolean(false);
    if (version >= 1) to.int8(endpointType.brokers);
    if (version >= 2) to.boolean(true);
    to.tags();
  },
  read(from, version) {
    from.int32();
    const error = from.int16();
    const message = from.nullableString();
    if (version >= 1) from.int8();
    const clusterId = from.string();
    from.int32();
    const brokers = from.structs(() => ({
      id: from.int32(),
      host: from.string(),
      port: from.int32(),
      rack: from.nullableString(),
      fenced: version >= 2 && from.boolean(),
    }));
    from.int32();
    from.tags();
    return { error, message, clusterId, brokers };
  },
};

const endpointType = { brokers: 1 } as const;
