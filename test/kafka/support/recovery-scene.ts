/** A cluster of four brokers of which the third is lost and the fourth has come, and what must be as before afterwards. */
import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../../demo/cluster/wait.ts';
import { nameOf, type KafkaView } from '../../../src/domain/kafka-view.ts';
import { throttleKeys } from '../../../src/domain/recovery/throttle.ts';
import { startAgent, type Finished, type RunningAgent } from '../../support/agent.ts';
import { createTopics, seen, setScene, type AdminScene } from './admin-scene.ts';
import type { KafkaOrder } from './kafka.ts';

export const old = 3;
export const heir = 4;

/** Every place of the lost broker, and one topic that it has no part in. */
export const topics = {
  orders: [
    [3, 1, 2],
    [1, 3, 2],
    [2, 1, 3],
    [3, 2, 1],
    [1, 2, 3],
    [2, 3, 1],
  ],
  untouched: [
    [1, 2, 4],
    [4, 1, 2],
  ],
  // Made by the first consumer otherwise, wherever it comes.
  __consumer_offsets: [[3, 1, 2]],
} as const;

export interface RecoveryScene extends AdminScene {
  /** Runs `barnabas recover` to its end. */
  recover(...words: string[]): Promise<Finished>;
  startRecover(...words: string[]): RunningAgent;
  /** A file of this scene. */
  file(name: string): string;
}

export async function setRecovery(
  order: Pick<KafkaOrder, 'version' | 'mode'>,
  more: Readonly<Record<string, readonly (readonly number[])[]>> = {},
): Promise<RecoveryScene> {
  const properties = () => ({
    'offsets.topic.replication.factor': 3,
    // Else one fetch, which no throttle holds back, takes a whole small partition.
    'replica.fetch.max.bytes': 65_536,
    'replica.fetch.response.max.bytes': 262_144,
  });
  const scene = await setScene({ ...order, brokers: 4, properties });
  try {
    await createTopics(scene, { ...topics, ...more });
  } catch (error) {
    await scene.clear();
    throw error;
  }
  const { kafka } = scene;
  const file = (name: string): string => join(kafka.directory, name);
  const startRecover = (...words: string[]): RunningAgent => {
    const zookeeper = kafka.zookeeper === undefined ? [] : ['--zookeeper', kafka.zookeeper];
    return startAgent(['recover', ...words, '--bootstrap', kafka.bootstrap, ...zookeeper]);
  };
  return { ...scene, file, startRecover, recover: (...words) => startRecover(...words).finished };
}

/** Random records, so that nothing of them is packed away. */
export async function fillAll({ client }: AdminScene, topic: string, { partitions = 0, bytes = 0 }): Promise<void> {
  const producer = client.producer();
  await producer.connect();
  const recordBytes = 50_000;
  try {
    for (let sent = 0; sent < bytes; sent += 4 * recordBytes) {
      const messages = Array.from({ length: partitions * 4 }, (_, index) => ({
        ...{ partition: index % partitions, value: randomBytes(recordBytes) },
      }));
      await producer.send({ topic, messages });
    }
  } finally {
    await producer.disconnect();
  }
}

/** A checksum of every partition's records, as a consumer gets them. */
export async function checksums({ client }: AdminScene, topic: string): Promise<Record<string, string>> {
  const admin = client.admin();
  await admin.connect();
  // It fails while leaders move.
  const asked = waitFor(() => admin.fetchTopicOffsets(topic).catch(() => undefined), {
    ...{ for: `the ends of ${topic}`, deadlineMs: 60_000 },
  });
  const ends = await asked.finally(() => admin.disconnect());
  const consumer = client.consumer({ groupId: `sums-${randomBytes(4).toString('hex')}`, maxBytesPerPartition: 5e6 });
  const sums = new Map(ends.map(({ partition }) => [partition, createHash('sha256')]));
  const wanted = new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage({ partition, message }) {
        sums.get(partition)?.update(message.value ?? '');
        if (Number(message.offset) + 1 >= (wanted.get(partition) ?? 0)) wanted.delete(partition);
        return Promise.resolve();
      },
    });
    for (const [partition, high] of wanted) if (high === 0) wanted.delete(partition);
    await waitFor(() => wanted.size === 0 || undefined, { for: `all of ${topic} to be consumed`, deadlineMs: 120_000 });
  } finally {
    await consumer.disconnect();
  }
  return Object.fromEntries([...sums].map(([partition, sum]) => [`${topic}-${partition}`, sum.digest('hex')]));
}

/** Whole: led by the first replica, all in sync. */
export const isWhole = ({ partitions }: KafkaView): boolean =>
  partitions.every(({ leader, replicas, isr }) => leader === replicas[0] && isr.length === replicas.length);

export async function elected({ admin }: AdminScene): Promise<KafkaView> {
  const view = await seen(admin, 'all in sync', ({ partitions }) =>
    partitions.every(({ isr, replicas, leader }) => leader >= 0 && isr.length === replicas.length),
  );
  await admin.elect({ type: 'preferred', partitions: view.partitions });
  return await seen(admin, 'preferred leaders', isWhole);
}

/** Its process, and what it had on its disk unless that is `kept`. */
export async function lose({ kafka, admin }: AdminScene, id: number, disk: 'gone' | 'kept' = 'gone'): Promise<void> {
  await kafka.kill(id);
  if (disk === 'gone') rmSync(join(kafka.directory, `data-${id}`), { recursive: true });
  await seen(
    admin,
    `broker ${id} to be missed`,
    ({ brokers, partitions }) =>
      !brokers.includes(id) && partitions.every(({ leader, replicas }) => leader >= 0 || replicas.length === 1),
  );
}

export const assignmentOf = ({ partitions }: KafkaView): Record<string, string> =>
  Object.fromEntries(partitions.map((partition) => [nameOf(partition), partition.replicas.join()]));

export const leadersOf = ({ partitions }: KafkaView): Record<string, number> =>
  Object.fromEntries(partitions.map((partition) => [nameOf(partition), partition.leader]));

/** OLD's places taken by NEW. */
export const replaced = (assignment: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(assignment).map(([name, replicas]) => [
      name,
      replicas.replace(new RegExp(`\\b${old}\\b`), String(heir)),
    ]),
  );

/** Who leads when the heir has taken over what the lost broker led. */
export const inherited = (leaders: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(leaders).map(([name, leader]) => [name, leader === old ? heir : leader]));

export async function look({ admin }: AdminScene): Promise<KafkaView> {
  return await seen(admin, 'the cluster', () => true);
}

/** What is set of throttles on every topic and every live broker. */
export async function throttlesOf(scene: AdminScene): Promise<Record<string, Record<string, string>>> {
  const { brokers, partitions } = await look(scene);
  const names = [...new Set(partitions.map(({ topic }) => topic))];
  const resources = [...names.map((topic) => ({ topic })), ...brokers.map((broker) => ({ broker }))];
  const values = await scene.admin.readConfigs(resources, throttleKeys);
  const keyed = resources.map((resource, index) => [
    'topic' in resource ? resource.topic : String(resource.broker),
    Object.fromEntries(values[index] ?? []),
  ]);
  return Object.fromEntries(keyed) as Record<string, Record<string, string>>;
}

type Throttles = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A broker may be a moment behind with what was set. */
export const throttlesSeen = (scene: AdminScene, holds: (throttles: Throttles) => boolean): Promise<Throttles> =>
  waitFor(
    async () => {
      const throttles = await throttlesOf(scene);
      return holds(throttles) ? throttles : undefined;
    },
    { for: 'throttles as they were set', deadlineMs: 30_000 },
  );

export interface FlightRecorder {
  /** How often each partition's move to `heir` was begun. */
  readonly begun: ReadonlyMap<string, number>;
  readonly mostAtOnce: () => number;
  stop(): Promise<void>;
}

/** Watches moves in flight. */
export function recordFlights({ admin }: AdminScene): FlightRecorder {
  const begun = new Map<string, number>();
  let flying = new Set<string>();
  let most = 0;
  let stopped = false;
  const watch = async (): Promise<void> => {
    while (!stopped) {
      const now = new Set((await admin.listReassignments()).map(nameOf));
      for (const name of now) if (!flying.has(name)) begun.set(name, (begun.get(name) ?? 0) + 1);
      most = Math.max(most, now.size);
      flying = now;
      await new Promise((next) => setTimeout(next, 100));
    }
  };
  const watching = watch();
  // Told by `stop`; until then a test that fails otherwise must be able to say so.
  watching.catch(() => undefined);
  return {
    begun,
    mostAtOnce: () => most,
    async stop() {
      stopped = true;
      await watching;
    },
  };
}
