/** A client on the machine, outside the pods' network: it knows a port of a Kubernetes node, and must reach every broker. */
import type { V1Node, V1Service } from '@kubernetes/client-node';
import { Kafka, logLevel } from 'kafkajs';
import type { uvu } from 'uvu';
import * as assert from 'uvu/assert';
import { waitFor } from '../../demo/cluster/wait.ts';
import type { Cluster } from './cluster/cluster.ts';
import { patienceMs, setField, type Field } from './field.ts';

export interface ExternalContext {
  field: Field;
  /** By broker id: `nodeaddress:nodePort`. */
  addresses: readonly string[];
  kafka: Kafka;
}

const ids = [0, 1, 2];
const topic = 'from-outside';

export function addExternalScenarios(test: uvu.Test<ExternalContext>, overlay: string): void {
  test.before(async (context) => {
    context.field = await setField({ overlay, components: ['external-access'] });
    context.addresses = await externalAddresses(context.field.cluster);
    const [first = ''] = context.addresses;
    const retry = { initialRetryTime: 100, maxRetryTime: 1000, retries: 60 };
    context.kafka = new Kafka({ clientId: 'laptop', brokers: [first], logLevel: logLevel.NOTHING, retry });
    await threeReady(context.field);
  });
  test.after(({ field }) => field.clear());

  test('it is told the address of a Kubernetes node and a port of its own for each broker', async (context) => {
    await seeAll(context);
    assert.is(new Set(context.addresses).size, 3);
  });

  test('what it writes to every broker it reads there', async ({ kafka }) => {
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 6, replicationFactor: 3 }], waitForLeaders: true });
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    await admin.disconnect();
    assert.equal([...new Set(topics[0]?.partitions.map(({ leader }) => leader))].sort(), ids);
    await roundTrip(kafka, 'first');
  });

  test('the replacement of a pod has its external address too', async (context) => {
    const { field } = context;
    const victim = await field.podOf(1);
    await field.cluster.kubectl(['delete', 'pod', '-n', 'kafka', victim.name]);
    await threeReady(field);
    assert.not.equal((await field.podOf(1)).uid, victim.uid);
    await seeAll(context);
    await roundTrip(context.kafka, 'second');
  });
}

/** What Kubernetes says, and not the brokers. */
async function externalAddresses(cluster: Cluster): Promise<string[]> {
  const nodes = await cluster.get<{ readonly items: V1Node[] }>(['nodes']);
  const host = nodes?.items[0]?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
  return await Promise.all(
    ids.map(async (id) => {
      const service = await cluster.get<V1Service>(['service', `kafka-${id}-external`, '-n', 'kafka']);
      return `${host}:${service?.spec?.ports?.[0]?.nodePort ?? 0}`;
    }),
  );
}

async function threeReady(field: Field): Promise<void> {
  const ready = async (): Promise<true | undefined> => {
    const pods = await field.pods();
    return pods.length === 3 && pods.every((pod) => pod.ready && !pod.deleting) ? true : undefined;
  };
  await waitFor(ready, { for: 'three ready pods', deadlineMs: patienceMs, everyMs: 500 });
}

/** A broker that has just come is in the answer once the others have heard of it. */
async function seeAll({ kafka, addresses }: ExternalContext): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const told = await waitFor(
    async () => {
      const { brokers } = await admin.describeCluster();
      return brokers.length === 3 ? brokers : undefined;
    },
    { for: 'three brokers', deadlineMs: patienceMs, everyMs: 200 },
  );
  await admin.disconnect();
  const byId = [...told].sort((a, b) => a.nodeId - b.nodeId).map(({ host, port }) => `${host}:${port}`);
  assert.equal(byId, addresses);
}

/** One message to each partition, acknowledged by all replicas, and read again. */
async function roundTrip(kafka: Kafka, value: string): Promise<void> {
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: `reader-${value}` });
  try {
    await producer.connect();
    const messages = [0, 1, 2, 3, 4, 5].map((partition) => ({ partition, value }));
    await producer.send({ topic, acks: -1, messages });
    const read = new Set<number>();
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ partition, message }) => {
        if (message.value?.toString() === value) read.add(partition);
        return Promise.resolve();
      },
    });
    await waitFor(() => read.size === 6 || undefined, { for: `"${value}" of each partition`, deadlineMs: patienceMs });
  } finally {
    await consumer.disconnect();
    await producer.disconnect();
  }
}
