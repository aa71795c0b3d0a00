/** What brokers say of their cluster. */

export interface PartitionName {
  readonly topic: string;
  readonly partition: number;
}

/** As Kafka's own tools name it. */
export const nameOf = ({ topic, partition }: PartitionName): string => `${topic}-${partition}`;

export interface PartitionView extends PartitionName {
  /** -1 while there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  /** Empty in KRaft while there is no leader. */
  readonly isr: readonly number[];
  /** The topic's `min.insync.replicas`; 1 where it can't be learnt. */
  readonly minIsr: number;
  /** Base64url; null before Kafka 2.8. */
  readonly topicId: string | null;
}

export interface BrokerView {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
  /** KRaft: registered, but nobody has heard of it for a session. */
  readonly fenced: boolean;
}

export interface KafkaView {
  readonly clusterId: string | null;
  /** Ids of the live brokers, ascending. */
  readonly brokers: readonly number[];
  /** The live ones; in KRaft, where brokers tell it (4.0 and later), the fenced too. By id. */
  readonly known: readonly BrokerView[];
  /** Null while there is none, or where brokers don't tell (KRaft). */
  readonly controller: number | null;
  readonly partitions: readonly PartitionView[];
}

/** `unseen`: nobody answered. */
export type KafkaLook =
  { readonly kind: 'seen'; readonly view: KafkaView } | { readonly kind: 'unseen'; readonly why: string };

/** A move in flight. */
export interface Reassignment extends PartitionName {
  /** The target, with those appended that leave. */
  readonly replicas: readonly number[];
  readonly adding: readonly number[];
  readonly removing: readonly number[];
}

export interface BrokerLogDir {
  readonly path: string;
  /** Of the file system; null before Kafka 3.3. */
  readonly totalBytes: number | null;
  readonly usableBytes: number | null;
  readonly replicas: readonly (PartitionName & { readonly bytes: number; readonly isFuture: boolean })[];
}

export interface Quorum {
  readonly leader: number;
  readonly voters: readonly QuorumReplica[];
  readonly observers: readonly QuorumReplica[];
}

export interface QuorumReplica {
  readonly id: number;
  /** As in its meta.properties; null before Kafka 3.9. */
  readonly directoryId: string | null;
  readonly logEndOffset: number;
  readonly lastFetchMs: number;
}
