/** What the cluster says of itself, by kafkajs: patient with brokers that come and go. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel, type Admin, type ISocketFactory } from 'kafkajs';
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
  /** The id of the controller; -1 while there is none. */
  readonly controller: number;
  readonly partitions: readonly PartitionView[];
}

export interface TopicOrder {
  readonly topic: string;
  readonly numPartitions: number;
  readonly replicationFactor: number;
}

export interface ClusterClient {
  readonly kafka: Kafka;
  /** One look; undefined if nobody answered in time. */
  look(topic: string): Promise<ClusterView | undefined>;
  createTopic(topic: TopicOrder): Promise<boolean>;
  close(): Promise<void>;
}

const lookMs = 3000;

const plainSockets: ISocketFactory = ({ host, port, onConnect }) => connect({ host, port }, onConnect);

/**
 * `bootstrap` tells the addresses of the brokers that live now: it is asked at each new connection, for in the end every
 * pod there was at the beginning may be gone. Connects when first asked.
 */
export function connectTo(
  bootstrap: () => readonly string[],
  socketFactory: ISocketFactory = plainSockets,
): ClusterClient {
  const kafka = new Kafka({
    clientId: 'barnabas-demo',
    brokers: () => bootstrap().map((host) => `${host}:9092`),
    logLevel: logLevel.NOTHING,
    // kafkajs adds a listener at each of its attempts to let go of a connection that is still being made.
    socketFactory: (options) => socketFactory(options).setMaxListeners(0),
    connectionTimeout: 1000,
    requestTimeout: 5000,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 100 },
  });
  let admin: Admin | undefined;
  /** A connection of the admin client may hang on a broker that has died, so a failed one is not asked again. */
  const ask = async <T>(question: (admin: Admin) => Promise<T>): Promise<T | undefined> => {
    const asked = (admin ??= kafka.admin({ retry: { retries: 1 } }));
    const answer = asked.connect().then(() => question(asked));
    const late = new AbortController();
    try {
      return await Promise.race([answer, silence(lookMs, late.signal)]);
    } catch {
      // It will be asked again, of another broker.
      answer.catch(() => undefined);
      void asked.disconnect().catch(() => undefined);
      admin = undefined;
      return undefined;
    } finally {
      late.abort();
    }
  };
  return {
    kafka,
    look: (topic) => ask((asked) => lookAt(asked, topic)),
    async createTopic(topic) {
      const created = await waitFor(() => ask((asked) => asked.createTopics({ topics: [topic] }).then(() => true)), {
        for: 'the topic to be created',
        deadlineMs: 30_000,
      });
      return created;
    },
    async close() {
      await Promise.race([admin?.disconnect(), delay(1000)]);
    },
  };
}

async function silence(ms: number, signal: AbortSignal): Promise<never> {
  await delay(ms, undefined, { signal });
  throw new Error('no answer');
}

async function lookAt(admin: Admin, topic: string): Promise<ClusterView> {
  const [{ brokers, controller }, { topics }] = await Promise.all([
    admin.describeCluster(),
    admin.fetchTopicMetadata({ topics: [topic] }),
  ]);
  const partitions = (topics[0]?.partitions ?? []).map(({ partitionId, leader, replicas, isr }) => ({
    partition: partitionId,
    leader,
    replicas,
    isr,
  }));
  return {
    brokers: brokers.map(({ nodeId }) => nodeId).sort((a, b) => a - b),
    controller: controller ?? -1,
    partitions,
  };
}

export const underReplicated = ({ partitions }: ClusterView): number =>
  partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length;

export const ledBy = ({ partitions }: ClusterView, id: number): number =>
  partitions.filter(({ leader }) => leader === id).length;

export const leaderless = ({ partitions }: ClusterView): number => partitions.filter(({ leader }) => leader < 0).length;
