/** Where a demo, a test or a benchmark plays: one directory, one private network, one ZooKeeper, and its pods. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateAddresses } from './cluster/addresses.ts';
import { connectTo, type ClusterClient, type ClusterView } from './cluster/brokers.ts';
import { findJars, type Jars } from './cluster/jars.ts';
import { startPod, type Pod } from './cluster/pod.ts';
import { waitFor } from './cluster/wait.ts';
import { startZooKeeper, type ZooKeeper } from './cluster/zookeeper.ts';

export interface StageOptions {
  readonly brokers: number;
  /** Of Kafka; ZooKeeper is the newest in any case. */
  readonly version?: string;
  /** For every broker. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Stage {
  readonly directory: string;
  readonly volume: string;
  readonly jars: Jars;
  readonly zookeeper: ZooKeeper;
  readonly pods: readonly Pod[];
  /** A nameless replacement or a first pod: what it is to become, the agent finds out. */
  startPod(flags?: readonly string[]): Pod;
  /** Whatever else has to end with the stage. */
  own(end: () => Promise<void>): void;
  nextAddress(): string;
  /** A client that knows every pod started so far. */
  connect(): ClusterClient;
  /** The log dirs on the volume, sorted. */
  logDirs(): string[];
  /** Ends every process, and removes the directory. */
  clear(): Promise<void>;
}

export const brokerStarted = /\[KafkaServer id=\d+\] started/;

/** Made for a small machine: few internal partitions, and none of the first rebalance's wait. */
export const smallCluster = {
  KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '3',
  KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '3',
  KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
  KAFKA_MIN_INSYNC_REPLICAS: '2',
  KAFKA_NUM_NETWORK_THREADS: '2',
  KAFKA_NUM_IO_THREADS: '4',
};

/** Starts ZooKeeper. On failure nothing is left behind. */
export async function setStage({ brokers, version, environment, signal }: StageOptions): Promise<Stage> {
  const jars = findJars(version);
  const addresses = privateAddresses();
  const directory = mkdtempSync(join(tmpdir(), 'barnabas-demo-'));
  const volume = join(directory, 'volume');
  mkdirSync(volume);
  const pods: Pod[] = [];
  const owned: (() => Promise<void>)[] = [];
  let zookeeper: ZooKeeper | undefined;
  const clear = async (): Promise<void> => {
    for (const end of owned.splice(0).reverse()) await end();
    await Promise.all(pods.map((pod) => pod.kill()));
    await zookeeper?.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const order = { jars: findJars(), directory: join(directory, 'zookeeper'), host: addresses.zookeeper };
    const ensemble = await startZooKeeper({ ...order, ...(signal && { signal }) });
    zookeeper = ensemble;
    return {
      ...{ directory, volume, jars, zookeeper: ensemble, pods, clear },
      startPod(flags = []) {
        const name = `kafka-${randomSuffix()}`;
        const place = { jars, name, ip: addresses.next(), volume, directory, zookeeper: ensemble.connect };
        const pod = startPod({ ...place, brokers, flags, environment: { ...smallCluster, ...environment } });
        pods.push(pod);
        return pod;
      },
      own: (end) => void owned.push(end),
      nextAddress: () => addresses.next(),
      connect: () => connectTo(() => pods.filter((pod) => !pod.end()).map(({ ip }) => ip)),
      logDirs: () =>
        readdirSync(volume)
          .filter((name) => name.startsWith('kafka-log'))
          .sort(),
    };
  } catch (error) {
    await clear();
    throw error;
  }
}

const letters = 'bcdfghjklmnpqrstvwxz2456789';
/** As a ReplicaSet names its pods. */
const randomSuffix = (): string =>
  Array.from({ length: 5 }, () => letters.charAt(Math.floor(Math.random() * letters.length))).join('');

export interface Sight {
  readonly client: ClusterClient;
  readonly topic: string;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Looks at the cluster until it is as wanted. Throws at the deadline. */
export const seeCluster = (sight: Sight, wanted: string, holds: (view: ClusterView) => boolean): Promise<ClusterView> =>
  waitFor(
    async () => {
      const view = await sight.client.look(sight.topic);
      return view && holds(view) ? view : undefined;
    },
    { for: wanted, deadlineMs: sight.deadlineMs, signal: sight.signal },
  );
