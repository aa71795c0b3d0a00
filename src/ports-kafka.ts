/**
 * Everything the program can do to a Kafka cluster through its brokers (before Kafka 2.4 also through ZooKeeper), with the
 * rights it was given. What one partition or one key is refused is a value; what the whole call is refused is a BarnabasError
 * that names what to change.
 */
import type { SaslMechanism, SecurityProtocol } from './domain/kafka-access.ts';
import type { BrokerLogDir, KafkaLook, PartitionName, Quorum, Reassignment } from './domain/kafka-view.ts';
import type { BrokerPods } from './ports-cluster.ts';

/** Directly, or through the API server to the brokers' pods. */
export type KafkaRoute = ({ readonly bootstrap: string } | { readonly through: BrokerPods }) & {
  readonly access?: KafkaAccess;
  /** Needed for brokers that can't be asked to elect (before 2.2) or reassign (before 2.4). */
  readonly zookeeper?: string;
};

/** How brokers let us in, as it was set: a flag goes over what the file says. */
export interface KafkaAccess {
  /** A properties file as Kafka's own tools take it. */
  readonly commandConfig: string | undefined;
  readonly securityProtocol: SecurityProtocol | undefined;
  /** PEM files. */
  readonly tlsCa: string | undefined;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly saslMechanism: SaslMechanism | undefined;
  readonly saslUser: string | undefined;
  readonly saslPassword: string | undefined;
  readonly saslPasswordFile: string | undefined;
}

/** Kafka's own word for what went wrong, such as 80, `PREFERRED_LEADER_NOT_AVAILABLE`. */
export interface KafkaProblem {
  readonly code: number;
  readonly name: string;
  readonly message: string | null;
}

/** Of one partition; null: done. So is an election that was not needed (84), and a call-off of no move (85). */
export interface PartitionAnswer extends PartitionName {
  readonly problem: KafkaProblem | null;
}

export interface ElectionOrder {
  readonly type: 'preferred' | 'unclean';
  readonly partitions: readonly PartitionName[];
}

/** Null: call the move of this partition off. The old replicas come back, but in the order that the move gave them. */
export interface Move extends PartitionName {
  readonly replicas: readonly number[] | null;
}

export type ConfigResource = { readonly topic: string } | { readonly broker: number };

export interface ConfigChange {
  readonly resource: ConfigResource;
  readonly key: string;
  /** `append` and `subtract`: entries of a list. */
  readonly operation: 'set' | 'delete' | 'append' | 'subtract';
  readonly value?: string;
}

export interface ConfigAnswer {
  readonly resource: ConfigResource;
  readonly problem: KafkaProblem | null;
}

export interface KafkaAdmin {
  /** Every partition of the cluster, those without a leader too. Within seconds; throws only where waiting mends nothing. */
  look(): Promise<KafkaLook>;
  /** `asked`: by a znode, which tells nothing of one partition: look whether it led anywhere. */
  elect(order: ElectionOrder): Promise<readonly PartitionAnswer[] | 'asked'>;
  listReassignments(): Promise<readonly Reassignment[]>;
  reassign(moves: readonly Move[]): Promise<readonly PartitionAnswer[] | 'asked'>;
  /** Of one live broker: sizes on disk. Log dirs that have failed are left out. */
  describeLogDirs(brokerId: number): Promise<readonly BrokerLogDir[]>;
  /** Of one live broker: its release of Kafka, such as `3.9`, as its ApiVersions tell; null where they tell none. */
  describeRelease(brokerId: number): Promise<string | null>;
  /** Dynamic values that were set on this very resource; by key. Of a topic that is gone: none. */
  readConfigs(
    resources: readonly ConfigResource[],
    keys: readonly string[],
  ): Promise<readonly ReadonlyMap<string, string>[]>;
  changeConfigs(changes: readonly ConfigChange[]): Promise<readonly ConfigAnswer[]>;
  /** KRaft's voters and observers; undefined where ZooKeeper keeps the cluster. */
  describeQuorum(): Promise<Quorum | undefined>;
  /** KRaft only. `not-registered`: there was nothing to take away. */
  unregister(brokerId: number): Promise<'done' | 'not-registered'>;
  close(): Promise<void>;
}

/** Has one broker elected where it should lead, once it is in sync. Apart from the agent: it fails alone. */
export interface Elector {
  stop(): void;
}

export interface ElectorOrder {
  readonly brokerId: number;
  readonly route: KafkaRoute;
  /** How many partitions at a time. */
  readonly perBroker: number;
  readonly inSyncForMs: number;
  readonly logFormat: 'text' | 'json';
}
