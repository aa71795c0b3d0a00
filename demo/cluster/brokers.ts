/** What the cluster says of itself, by kafkajs: patient with brokers that come and go. */
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { waitFor } from './wait.ts';

export interface PartitionView {
  readonly partition: number;
  /** -1 while there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface ClusterView {
  /** The ids of the live brokers, ascending. */
  readonly brokers: readonly number[];
  readonly partitions: readonly PartitionView[];
}

export interface ClusterClient {
  readonly kafka: Kafka;
  readonly admin: Admin;
  /** One look; undefined if nobody answered in time. */
  look(topic: string): Promise<ClusterView | undefined>;
  close(): Promise<void>;
}

/** `bootstrap` are addresses of brokers, dead ones among them too. Connects when first asked. */
export async function connectTo(bootstrap: readonly string[]): Promise<ClusterClient> {
  const kafka = new Kafka({
    clientId: 'barnabas-demo',
    brokers: bootstrap.map((host) => `${host}:9092`),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    requestTimeout: 5000,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 100 },
  });
  const admin = kafka.admin({ retry: { initialRetryTime: 50, maxRetryTime: 200, retries: 5 } });
  await waitFor(
    async () => {
      try {
        await admin.connect();
        return true;
      } catch {
        return undefined;
      }
    },
    { for: 'a broker to answer', deadlineMs: 60_000, everyMs: 100 },
  );
  return {
    kafka,
    admin,
    async look(topic) {
      try {
        const [{ brokers }, { topics }] = await Promise.all([
          admin.describeCluster(),
          admin.fetchTopicMetadata({ topics: [topic] }),
        ]);
        const partitions = (topics[0]?.partitions ?? []).map(({ partitionId, leader, replicas, isr }) => ({
          partition: partitionId,
          leader,
          replicas,
          isr,
        }));
        return { brokers: brokers.map(({ nodeId }) => nodeId).sort((a, b) => a - b), partitions };
      } catch {
        // A broker that was asked has just gone; the next look asks another.
        return undefined;
      }
    },
    close: () => admin.disconnect(),
  };
}

export const underReplicated = ({ partitions }: ClusterView): number =>
  partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length;

export const ledBy = ({ partitions }: ClusterView, id: number): number =>
  partitions.filter(({ leader }) => leader === id).length;

export const leaderless = ({ partitions }: ClusterView): number => partitions.filter(({ leader }) => leader < 0).length;
