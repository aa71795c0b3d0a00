/** What `status` looks at: the volume, Kubernetes and Kafka, each as far as it was seen. */
import type { Scene } from '../fleet/verdict.ts';
import type { KafkaView, Quorum, Reassignment } from '../kafka-view.ts';
import type { Storage } from '../mounts.ts';
import type { IdStatus } from '../protocol/describe.ts';

export type Seen<T> = { readonly kind: 'seen'; readonly value: T } | Unseen;

export interface Unseen {
  readonly kind: 'unseen';
  /** Null where nobody asked for it. */
  readonly why: string | null;
  /** Somebody named it, so it should have been seen. */
  readonly wanted: boolean;
}

export interface Sight {
  readonly volume: Seen<VolumeSight>;
  readonly kubernetes: Seen<Scene>;
  readonly kafka: Seen<KafkaSight>;
  /** ISO 8601, for people. */
  readonly now: string;
}

export interface VolumeSight {
  readonly root: string;
  readonly storage: Storage;
  /** Null before the first claim. */
  readonly uuid: string | null;
  readonly ids: readonly IdStatus[];
  /** By the name of the log dir. */
  readonly logDirs: ReadonlyMap<string, LogDirSight>;
}

export interface LogDirSight {
  /** What its files take; null where nobody counted. */
  readonly bytes: number | null;
  /** Whether all of it was counted in time. */
  readonly whole: boolean;
  /** When the directory was made, by the volume's clock, ISO 8601; null where the file system does not keep it. */
  readonly madeAt: string | null;
}

export interface KafkaSight {
  readonly view: KafkaView;
  /** Moves in flight; empty where brokers don't tell. */
  readonly moves: readonly Reassignment[];
  /** Null where ZooKeeper keeps the cluster, or brokers don't tell. */
  readonly quorum: Quorum | null;
  /** By broker id; of the live ones, as far as each answered. */
  readonly brokers: ReadonlyMap<number, BrokerAnswer>;
}

/** What a broker tells of itself alone; null where it does not. */
export interface BrokerAnswer {
  /** Of Kafka, such as `3.9`. */
  readonly release: string | null;
  /** Of its partitions' messages. */
  readonly bytes: number | null;
}

export const seen = <T>(look: Seen<T>): T | undefined => (look.kind === 'seen' ? look.value : undefined);
