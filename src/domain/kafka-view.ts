/** What brokers say of their cluster. */

export interface PartitionView {
  readonly topic: string;
  readonly partition: number;
  /** -1 while there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  /** The topic's `min.insync.replicas`. */
  readonly minIsr: number;
}

export interface KafkaView {
  /** Ids of the live brokers. */
  readonly brokers: readonly number[];
  /** Null while there is none. */
  readonly controller: number | null;
  readonly partitions: readonly PartitionView[];
}

/** `unseen`: nobody answered, or not of every partition. */
export type KafkaLook =
  { readonly kind: 'seen'; readonly view: KafkaView } | { readonly kind: 'unseen'; readonly why: string };
