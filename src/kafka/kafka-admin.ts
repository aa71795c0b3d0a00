/** A look at a whole Kafka cluster by kafkajs, patient with brokers that come and go. */
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigResourceTypes, Kafka, KafkaJSProtocolError, logLevel, type Admin } from 'kafkajs';
import type { KafkaLook, KafkaView } from '../domain/kafka-view.ts';
import type { Dial, KafkaAdmin } from '../ports-cluster.ts';

export interface KafkaReach {
  /** `host:port` of brokers that live now; asked at each new connection. */
  readonly bootstrap: () => Promise<string[]>;
  /** How to get to an address that a broker is known by; by itself if not given. */
  readonly dial?: Dial;
}

const lookMs = 15_000;
const closeMs = 2000;

export function openKafkaAdmin({ bootstrap, dial }: KafkaReach): KafkaAdmin {
  const kafka = new Kafka({
    clientId: 'barnabas',
    brokers: bootstrap,
    logLevel: logLevel.NOTHING,
    // kafkajs asks of a socket no more than of any stream.
    ...(dial && { socketFactory: ({ host, port, onConnect }) => dial({ host, port, onConnect }) as unknown as Socket }),
    connectionTimeout: 5000,
    requestTimeout: 10_000,
    retry: { retries: 1 },
  });
  let admin: Admin | undefined;
  const forget = async (): Promise<void> => {
    const old = admin;
    admin = undefined;
    // A connection to a broker that has died may never close.
    await Promise.race([old?.disconnect().catch(() => undefined), delay(closeMs, undefined, { ref: false })]);
  };
  return {
    async look() {
      admin ??= kafka.admin();
      const asked = admin;
      const answer = asked.connect().then(() => viewOf(asked));
      const late = new AbortController();
      try {
        return { kind: 'seen', view: await Promise.race([answer, silence(late.signal)]) };
      } catch (error) {
        answer.catch(() => undefined);
        await forget();
        return unseen(error);
      } finally {
        late.abort();
      }
    },
    close: forget,
  };
}

async function silence(signal: AbortSignal): Promise<never> {
  await delay(lookMs, undefined, { signal });
  throw new Error(`no answer within ${lookMs / 1000} s`);
}

/** One partition without a leader fails the whole answer, and which one it was is not told. */
function unseen(error: unknown): KafkaLook {
  const { message, cause } = error as Error;
  const protocol = [error, cause].find((each) => each instanceof KafkaJSProtocolError);
  if (protocol?.type === 'LEADER_NOT_AVAILABLE') return { kind: 'unseen', why: 'a partition has no leader' };
  return { kind: 'unseen', why: `Kafka can't be asked (${message})` };
}

async function viewOf(admin: Admin): Promise<KafkaView> {
  const [{ brokers, controller }, { topics }] = await Promise.all([
    admin.describeCluster(),
    admin.fetchTopicMetadata(),
  ]);
  const minIsr = await readMinIsr(
    admin,
    topics.map(({ name }) => name),
  );
  return {
    brokers: brokers.map(({ nodeId }) => nodeId).sort((a, b) => a - b),
    controller: controller !== null && controller >= 0 ? controller : null,
    partitions: topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionId, leader, replicas, isr }) => ({
        ...{ topic: name, partition: partitionId, leader, replicas, isr },
        minIsr: minIsr.get(name) ?? 1,
      })),
    ),
  };
}

async function readMinIsr(admin: Admin, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (topics.length === 0) return new Map();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({
      type: ConfigResourceTypes.TOPIC,
      name,
      configNames: ['min.insync.replicas'],
    })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [resourceName, Number(configEntries[0]?.configValue ?? 1)]),
  );
}
