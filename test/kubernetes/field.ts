/** A real Kubernetes with the shipped manifests on it, a topic, and a client that finds the brokers by their names. */
import { execFile } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { appendFileSync, chmodSync, cpSync, mkdirSync } from 'node:fs';
import { connect as connectSocket, type LookupFunction } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { ISocketFactory } from 'kafkajs';
import { connectTo, ledBy, underReplicated, type ClusterClient, type ClusterView } from '../../demo/cluster/brokers.ts';
import { waitFor } from '../../demo/cluster/wait.ts';
import { startLoad, type Load } from '../../demo/load.ts';
import { startCluster, type Cluster, type ClusterOptions } from './cluster/cluster.ts';
import { mountDisk } from './cluster/disk.ts';
import { podGateway } from './cluster/node.ts';
import { brokerPods, liveBrokers, type BrokerPod } from './pods.ts';

export const root = resolve(import.meta.dirname, '../..');
export const topic = 'orders';
/** Of the topic, of three replicas each; a few of them are written to all the time. */
export const partitions = 600;
const writtenTo = 12;
export const patienceMs = 180_000;

export interface Field {
  readonly cluster: Cluster;
  readonly client: ClusterClient;
  load(): Load;
  pods(): Promise<BrokerPod[]>;
  /** The folder of the overlay that was applied. */
  readonly manifests: string;
  /** Waits until as many pods are ready, and none is leaving. */
  settled(brokers?: number): Promise<BrokerPod[]>;
  /** Waits for the ready pod of a broker id: after the API was away, all are taken for unready for a moment. */
  podOf(brokerId: number): Promise<BrokerPod>;
  /** Waits until the brokers, and no others, serve, and every replica is in sync. */
  whole(brokers?: number): Promise<ClusterView>;
  /** Has a broker lead what it prefers to lead: without that nobody would feel its absence. */
  leadBack(brokerId: number): Promise<void>;
  see(what: string, holds: (view: ClusterView) => boolean): Promise<ClusterView>;
  /** What one broker says, and no other: one that is going, or has just come, tells of times gone by. */
  observe(brokerId: number): Observer;
  logDirs(): Promise<string[]>;
  /** Moments at which two live brokers had one id: none, we trust. */
  doubles(): readonly string[];
  clear(): Promise<void>;
}

export interface Observer extends Pick<Field, 'see'> {
  close(): Promise<void>;
}

export interface FieldOptions {
  /** A folder of manifests/overlays. */
  readonly overlay: string;
  /** Folders of manifests/components, added to it as a user would. */
  readonly components?: readonly string[];
  readonly patienceS?: number;
}

/** What scripts/test-kubernetes.sh has built. */
export function builtFor(): Pick<ClusterOptions, 'binaries' | 'images'> {
  const [binaries = '', ...images] = (process.env['BARNABAS_TEST_KUBERNETES'] ?? '').split(' ');
  if (images.length === 0) throw new Error('run it by `npm run test:kubernetes`, which builds what it needs');
  return { binaries, images };
}

export async function setField({ overlay, components = [], patienceS }: FieldOptions): Promise<Field> {
  const cluster = await startCluster({ ...builtFor(), ...(patienceS !== undefined && { patienceS }) });
  const directory = join(cluster.directory, 'volumes');
  const manifests = overlayWith(components, overlay, cluster.directory);
  const dns = podGateway({ index: 0 });
  const client = connectTo(() => [0, 1, 2].map(nameOf), socketsBy(dns));
  const watch = watchDoubles();
  const loads: Load[] = [];
  const clear = async (): Promise<void> => {
    watch.stop();
    for (const load of loads) await load.close();
    await client.close();
    await cluster.stop();
  };
  try {
    mountDisk(directory);
    await offerVolumes(cluster, directory);
    await cluster.kubectl(['apply', '-k', manifests]);
  } catch (error) {
    await clear();
    throw error;
  }
  const see = seeBy(client);
  const pods = (): Promise<BrokerPod[]> => brokerPods(cluster);
  const field: Field = {
    cluster,
    client,
    pods,
    see,
    clear,
    load() {
      const [load] = loads;
      if (!load) throw new Error('nothing is written yet');
      return load;
    },
    podOf: (brokerId) =>
      waitFor(async () => (await pods()).find((pod) => pod.brokerId === brokerId && !pod.deleting && pod.ready), {
        for: `a ready pod of broker ${brokerId}`,
        deadlineMs: patienceMs,
        everyMs: 200,
      }),
    manifests,
    observe(brokerId) {
      const one = nameOf(brokerId);
      const alone = connectTo(() => [one], socketsBy(dns, one));
      return { see: seeBy(alone), close: () => alone.close() };
    },
    settled: (brokers = 3) =>
      waitFor(
        async () => {
          const all = await pods();
          return all.length === brokers && all.every(({ ready, deleting }) => ready && !deleting) ? all : undefined;
        },
        { for: `${brokers} ready pods`, deadlineMs: patienceMs, everyMs: 200 },
      ),
    async leadBack(brokerId) {
      const { name } = await field.podOf(brokerId);
      const election = ['kafka-leader-election.sh', '--bootstrap-server', `kafka-${brokerId}:9092`];
      const what = ['--election-type', 'preferred', '--all-topic-partitions'];
      // A small heap: it has to live in what the broker's own leaves of the container's memory.
      const command = ['env', 'KAFKA_HEAP_OPTS=-Xmx64m', ...election, ...what];
      await cluster.kubectl(['exec', '-n', 'kafka', name, '-c', 'kafka', '--', ...command]);
      await see(`broker ${brokerId} to lead its share`, (view) => ledBy(view, brokerId) >= partitions / 3 - 1);
    },
    async whole(brokers = 3) {
      if (loads.length === 0) await begin();
      const all = Array.from({ length: brokers }, (_, id) => id).join();
      return await see(
        `brokers ${all} and every replica in sync`,
        (view) => view.brokers.join() === all && underReplicated(view) === 0,
      );
    },
    logDirs: async () => (await promisify(execFile)('ls', [join(directory, 'kafka')])).stdout.trim().split('\n'),
    doubles: watch.seen,
  };
  return field;

  async function begin(): Promise<void> {
    await field.settled();
    await client.createTopic({ topic, numPartitions: partitions, replicationFactor: 3 });
    await see('the topic', (view) => view.partitions.length === partitions && underReplicated(view) === 0);
    loads.push(await startLoad({ kafka: client.kafka, topic, partitions: writtenTo }));
  }
}

/** The shipped overlay; with components, a copy of all manifests, and in that the overlay with them. */
function overlayWith(components: readonly string[], overlay: string, directory: string): string {
  if (components.length === 0) return join(root, 'manifests/overlays', overlay);
  const manifests = join(directory, 'manifests');
  cpSync(join(root, 'manifests'), manifests, { recursive: true });
  const folder = join(manifests, 'overlays', overlay);
  const lines = components.map((name) => `  - ../../components/${name}\n`);
  appendFileSync(join(folder, 'kustomization.yaml'), lines.join(''));
  return folder;
}

const nameOf = (brokerId: number): string => `kafka-${brokerId}.kafka.svc`;

const seeBy =
  (client: ClusterClient): Field['see'] =>
  (what, holds) =>
    waitFor(
      async () => {
        const view = await client.look(topic);
        return view && view.partitions.length > 0 && holds(view) ? view : undefined;
      },
      { for: what, deadlineMs: patienceMs, everyMs: 200 },
    );

/** As a provisioner would: directories that everybody may write to. */
async function offerVolumes(cluster: Cluster, directory: string): Promise<void> {
  for (const name of ['kafka', 'zookeeper']) {
    const path = join(directory, name);
    mkdirSync(path);
    chmodSync(path, 0o777);
    const spec = {
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path },
      claimRef: { namespace: 'kafka', name: `${name}-data` },
    };
    const volume = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec };
    await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(volume));
  }
}

/** The cluster's own DNS: a client in it would ask the same. With `only`, no other host is reached. */
function socketsBy(server: string, only?: string): ISocketFactory {
  const resolver = new Resolver({ timeout: 1000, tries: 2 });
  resolver.setServers([server]);
  const lookup: LookupFunction = (name, { all }, callback) => {
    if (only !== undefined && name !== only) return callback(new Error(`${name} is not asked`), '', 4);
    resolver.resolve4(`${name}.cluster.local`).then(
      (addresses) => {
        if (all === true)
          callback(
            null,
            addresses.map((address) => ({ address, family: 4 })),
          );
        else callback(null, addresses[0] ?? '', 4);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, '', 4),
    );
  };
  return ({ host, port, onConnect }) => connectSocket({ host, port, lookup }, onConnect);
}

const doubleEveryMs = 100;

function watchDoubles(): { readonly seen: () => readonly string[]; readonly stop: () => void } {
  const seen: string[] = [];
  const timer = setInterval(() => {
    for (const [id, pids] of liveBrokers()) {
      if (pids.length > 1) seen.push(`broker ${id}: processes ${pids.join(' and ')} at ${new Date().toISOString()}`);
    }
  }, doubleEveryMs);
  return { seen: () => seen, stop: () => clearInterval(timer) };
}

export const leadsNothing = (view: ClusterView, id: number): boolean => ledBy(view, id) === 0;
