/** Brokers, the controller, and topics with their partitions: also those that something is wrong with. */
import type { Api } from './api.ts';
import type { Reader } from './reader.ts';

export interface MetadataRequest {
  /** Null: every topic that we may see. */
  readonly topics: readonly string[] | null;
}

export interface MetadataBroker {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export interface MetadataPartition {
  readonly error: number;
  readonly partition: number;
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface MetadataTopic {
  readonly error: number;
  readonly name: string;
  readonly topicId: string | null;
  readonly partitions: readonly MetadataPartition[];
}

export interface Metadata {
  readonly error: number;
  readonly brokers: readonly MetadataBroker[];
  readonly clusterId: string | null;
  /** -1 while there is none. In KRaft any live broker: whoever is asked passes requests on. */
  readonly controllerId: number;
  readonly topics: readonly MetadataTopic[];
}

/**
 * 1: Kafka 0.10.0, with the controller (KIP-4); 2: 0.10.1, the cluster's id (KIP-78); 3: 0.11; 4: whether topics are made
 * (KIP-204); 5: 1.0, offline replicas (KIP-112); 7: 2.1, leader epochs (KIP-320); 8: 2.3, what is allowed (KIP-430);
 * 9: 2.4, flexible; 10: 2.8, topic ids (KIP-516); 13: 4.0, an error of the whole (KIP-1102).
 */
export const metadata: Api<MetadataRequest, Metadata> = {
  key: 3,
  name: 'Metadata',
  since: '0.10.0',
  versions: [1, 13],
  flexibleFrom: 9,
  write(to, { topics }, version) {
    to.structs(topics, (name) => {
      if (version >= 10) to.noUuid();
      to.string(name);
    });
    // To ask is never to make.
    if (version >= 4) to.boolean(false);
    if (version >= 8 && version <= 10) to.boolean(false);
    if (version >= 8) to.boolean(false);
    to.tags();
  },
  read(from, version) {
    if (version >= 3) from.int32();
    const brokers = from.structs(() => readBroker(from));
    const clusterId = version >= 2 ? from.nullableString() : null;
    const controllerId = from.int32();
    const topics = from.structs(() => readTopic(from, version));
    if (version >= 8 && version <= 10) from.int32();
    const error = version >= 13 ? from.int16() : 0;
    from.tags();
    return { error, brokers, clusterId, controllerId, topics };
  },
};

const readBroker = (from: Reader): MetadataBroker => ({
  id: from.int32(),
  host: from.string(),
  port: from.int32(),
  rack: from.nullableString(),
});

function readTopic(from: Reader, version: number): MetadataTopic {
  const error = from.int16();
  const name = from.string();
  const topicId = version >= 10 ? from.uuid() : null;
  from.boolean();
  const partitions = from.structs(() => readPartition(from, version));
  if (version >= 8) from.int32();
  return { error, name, topicId, partitions };
}

function readPartition(from: Reader, version: number): MetadataPartition {
  const error = from.int16();
  const partition = from.int32();
  const leader = from.int32();
  if (version >= 7) from.int32();
  const replicas = from.int32s();
  const isr = from.int32s();
  if (version >= 5) from.int32s();
  return { error, partition, leader, replicas, isr };
}
