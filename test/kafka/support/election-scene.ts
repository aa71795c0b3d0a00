/** A cluster for the tests of elections: what is where, looks at it, and what `barnabas elect` made of it. */
import type { Kafka } from 'kafkajs';
import { connectTo } from '../../../demo/cluster/brokers.ts';
import { waitFor } from '../../../demo/cluster/wait.ts';
import type { KafkaView, PartitionView } from '../../../src/domain/kafka-view.ts';
import { openKafkaAdmin } from '../../../src/kafka/kafka-admin.ts';
import { parseAddresses } from '../../../src/domain/broker-address.ts';
import { agent, type Finished } from '../../support/agent.ts';
import type { RunningKafka } from './kafka.ts';
import { recordLog } from './scene.ts';

export interface Cluster {
  readonly kafka: RunningKafka;
  readonly client: Kafka;
  /** Looks until it is as wanted. */
  see(wanted: string, holds: (view: KafkaView) => boolean): Promise<KafkaView>;
  /** Runs the command against all brokers. */
  elect(...words: string[]): Promise<Finished>;
  close(): Promise<void>;
}

const seeMs = 90_000;

export function clusterOf(kafka: RunningKafka): Cluster {
  const bootstrap = parseAddresses(kafka.bootstrap);
  const reach = { bootstrap: () => Promise.resolve(bootstrap) };
  const admin = openKafkaAdmin({ reach, zookeeper: kafka.zookeeper, log: recordLog() });
  const client = connectTo(() => [...kafka.hosts.values()]);
  const zookeeper = kafka.zookeeper === undefined ? [] : ['--zookeeper', kafka.zookeeper];
  return {
    kafka,
    client: client.kafka,
    see: (wanted, holds) =>
      waitFor(
        async () => {
          const look = await admin.look();
          return look.kind === 'seen' && holds(look.view) ? look.view : undefined;
        },
        { for: wanted, deadlineMs: seeMs, everyMs: 100 },
      ),
    elect: (...words) => agent(['elect', '--bootstrap', kafka.bootstrap, ...zookeeper, '--wait', '90s', ...words]),
    async close() {
      await admin.close();
      await client.close();
    },
  };
}

/** Makes a topic with these replicas, by partition, and sees it in sync. */
export async function createTopic(cluster: Cluster, topic: string, replicas: readonly (readonly number[])[]) {
  // Who is not there yet when a topic is made does not lead.
  await cluster.see('every broker', ({ brokers }) => brokers.length === cluster.kafka.hosts.size);
  const admin = cluster.client.admin();
  await admin.connect();
  try {
    const replicaAssignment = replicas.map((list, partition) => ({ partition, replicas: [...list] }));
    const configEntries = [{ name: 'min.insync.replicas', value: '1' }];
    await admin.createTopics({ topics: [{ topic, replicaAssignment, configEntries }] });
  } finally {
    await admin.disconnect();
  }
  await cluster.see(`${topic} to be in sync`, (view) => {
    const partitions = of(view, topic);
    return partitions.length === replicas.length && partitions.every((one) => isWhole(one) && one.leader >= 0);
  });
}

export const of = ({ partitions }: KafkaView, topic: string): PartitionView[] =>
  partitions.filter((one) => one.topic === topic);

export const isWhole = ({ isr, replicas }: PartitionView): boolean => isr.length === replicas.length;
export const isLedAsPreferred = ({ leader, replicas }: PartitionView): boolean => leader === replicas[0];

/** Ten messages to one partition, acknowledged by its leader alone. */
export async function sendTo({ client }: Cluster, topic: string, partition: number): Promise<void> {
  const producer = client.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    const messages = Array.from({ length: 10 }, (_, number) => ({ partition, value: String(number) }));
    await producer.send({ topic, messages, acks: 1 });
  } finally {
    await producer.disconnect();
  }
}

/** What `elect --json` prints. */
export interface Elected {
  readonly brokers: readonly {
    readonly brokerId: number;
    readonly preferred: number;
    readonly ledBefore: number;
    readonly ledAfter: number;
  }[];
  readonly elected: readonly { readonly topic: string; readonly partition: number; readonly to: number }[];
  readonly waiting: readonly Left[];
  readonly cannot: readonly Left[];
  readonly unclean: readonly { readonly partition: number; readonly problem: string | null }[];
  readonly waves: number;
  readonly tookMs: number;
}

interface Left {
  readonly topic: string;
  readonly partition: number;
  readonly why: string;
}
