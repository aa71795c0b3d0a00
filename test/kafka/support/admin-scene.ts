/** What the admin's contract tests share: a cluster with topics, kafkajs to fill them, and waits. */
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { waitFor } from '../../../demo/cluster/wait.ts';
import { parseAddresses } from '../../../src/domain/broker-address.ts';
import type { KafkaView, PartitionView } from '../../../src/domain/kafka-view.ts';
import { openKafkaAdmin } from '../../../src/kafka/kafka-admin.ts';
import type { KafkaAdmin } from '../../../src/ports-kafka.ts';
import { recordLog } from './scene.ts';
import { startKafka, type KafkaOrder, type RunningKafka } from './kafka.ts';

export interface AdminScene {
  readonly kafka: RunningKafka;
  readonly admin: KafkaAdmin;
  readonly client: Kafka;
  clear(): Promise<void>;
}

export async function setScene(order: KafkaOrder): Promise<AdminScene> {
  const kafka = await startKafka(order);
  const reach = { bootstrap: () => Promise.resolve(parseAddresses(kafka.bootstrap)) };
  const admin = openKafkaAdmin({ reach, zookeeper: kafka.zookeeper, log: recordLog() });
  const client = new Kafka({ brokers: kafka.bootstrap.split(','), logLevel: logLevel.NOTHING });
  return {
    ...{ kafka, admin, client },
    async clear() {
      await admin.close();
      await kafka.clear();
    },
  };
}

/** Topics by name: for each partition its replicas. */
export async function createTopics(
  { client, admin }: AdminScene,
  topics: Readonly<Record<string, readonly (readonly number[])[]>>,
): Promise<void> {
  await withKafkajs(client, async (kafkajs) => {
    const orders = Object.entries(topics).map(([topic, partitions]) => ({
      topic,
      replicaAssignment: partitions.map((replicas, partition) => ({ partition, replicas: [...replicas] })),
    }));
    // Waited for below: its own wait fails at a broker that has not heard of a topic yet.
    await kafkajs.createTopics({ topics: orders, waitForLeaders: false });
  });
  const wanted = Object.values(topics).flat().length;
  await seen(admin, 'the topics, in sync', ({ partitions }) => {
    const ours = partitions.filter(({ topic }) => topic in topics);
    return ours.length === wanted && ours.every(({ isr, replicas }) => isr.length === replicas.length);
  });
}

export async function withKafkajs<T>(client: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const kafkajs = client.admin();
  await kafkajs.connect();
  try {
    return await work(kafkajs);
  } finally {
    await kafkajs.disconnect();
  }
}

export async function fill({ client }: AdminScene, topic: string, bytes: number): Promise<void> {
  const producer = client.producer({ createPartitioner: () => () => 0 });
  await producer.connect();
  try {
    const messages = Array.from({ length: 10 }, () => ({ value: Buffer.alloc(50_000, 'x') }));
    for (let sent = 0; sent < bytes; sent += 500_000) await producer.send({ topic, messages });
  } finally {
    await producer.disconnect();
  }
}

/** Looks until it is so; a minute at most. */
export const seen = (admin: KafkaAdmin, what: string, holds: (view: KafkaView) => boolean): Promise<KafkaView> =>
  waitFor(
    async () => {
      const look = await admin.look();
      return look.kind === 'seen' && holds(look.view) ? look.view : undefined;
    },
    { for: what, deadlineMs: 60_000, everyMs: 100 },
  );

export const partitionOf = ({ partitions }: KafkaView, topic: string, partition = 0): PartitionView => {
  const found = partitions.find((each) => each.topic === topic && each.partition === partition);
  if (!found) throw new Error(`there is no ${topic}-${partition}`);
  return found;
};
