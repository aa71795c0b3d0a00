/** Real Kafka, without agents: brokers with ids from 1, each at an address of its own, in either mode. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { privateAddresses } from '../../../demo/cluster/addresses.ts';
import { brokerCommand, findJars, smallJvm, type Jars } from '../../../demo/cluster/jars.ts';
import { waitFor } from '../../../demo/cluster/wait.ts';
import { startZooKeeper, type ZooKeeper } from '../../../demo/cluster/zookeeper.ts';

export type Properties = Readonly<Record<string, string | number | boolean>>;

export interface KafkaOrder {
  readonly version: string;
  readonly mode: 'zookeeper' | 'kraft';
  readonly brokers: number;
  /** Over those that every broker here has. */
  readonly properties?: (broker: {
    readonly id: number;
    readonly host: string;
    readonly directory: string;
  }) => Properties;
  /** With ZooKeeper: who starts first, and so is the controller. Any unless said otherwise. */
  readonly first?: number;
  /** In KRaft: how many of them, from the first on, are controllers, too; one unless said otherwise. */
  readonly controllers?: number;
  /** Of each broker; 256 unless said otherwise. */
  readonly heapMiB?: number;
  /** More words for KRaft's formatting, such as `--add-scram …`. */
  readonly format?: readonly string[];
}

export interface RunningKafka {
  readonly directory: string;
  readonly jars: Jars;
  /** `host:port` of every broker. */
  readonly bootstrap: string;
  /** By id. */
  readonly hosts: ReadonlyMap<number, string>;
  /** Undefined in KRaft. */
  readonly zookeeper: string | undefined;
  /** Resolves once it accepts connections. */
  start(id: number): Promise<void>;
  /** SIGKILL; resolves once it is gone. */
  kill(id: number): Promise<void>;
  /** What it has written. */
  output(id: number): string;
  /** Ends every process, and removes the directory. */
  clear(): Promise<void>;
}

const clusterId = 'MkU3OEVBNTcwNTJENDM2Qg';
const startMs = 90_000;

/** Starts all brokers at once. On failure nothing is left behind. */
export async function startKafka(order: KafkaOrder): Promise<RunningKafka> {
  const { version, mode, brokers } = order;
  const jars = findJars(version);
  const addresses = privateAddresses();
  const directory = mkdtempSync(join(tmpdir(), 'barnabas-kafka-'));
  const ids = Array.from({ length: brokers }, (_, index) => index + 1);
  const hosts = new Map(ids.map((id) => [id, addresses.next()]));
  const children = new Map<number, ChildProcess>();
  let zookeeper: ZooKeeper | undefined;
  const output = (id: number): string => readFileSync(join(directory, `${id}.log`), 'utf8');

  const start = async (id: number): Promise<void> => {
    const log = openSync(join(directory, `${id}.log`), 'a');
    const [java = '', ...words] = brokerCommand(jars, order.heapMiB);
    const file = join(directory, `${id}.properties`);
    const child = spawn(java, [...words.slice(0, -1), file], { stdio: ['ignore', log, log] });
    closeSync(log);
    children.set(id, child);
    await waitFor(
      async () => {
        if (child.exitCode !== null) throw new Error(`broker ${id} ended: ${output(id).slice(-3000)}`);
        return (await accepts(hosts.get(id) ?? '')) || undefined;
      },
      { for: `broker ${id} to accept connections`, deadlineMs: startMs },
    );
  };
  const kill = async (id: number): Promise<void> => {
    const child = children.get(id);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const clear = async (): Promise<void> => {
    await Promise.all(ids.map(kill));
    await zookeeper?.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    if (mode === 'zookeeper') {
      const place = { jars: findJars(), directory: join(directory, 'zookeeper'), host: addresses.zookeeper };
      zookeeper = await startZooKeeper({ ...place, tickTimeMs: 1000 });
    }
    for (const [id, host] of hosts) {
      const data = join(directory, `data-${id}`);
      mkdirSync(data);
      const own =
        mode === 'kraft'
          ? kraftProperties(id, hosts, order.controllers)
          : zookeeperProperties(id, zookeeper?.connect ?? '');
      const more = order.properties?.({ id, host, directory }) ?? {};
      writeProperties(join(directory, `${id}.properties`), { ...common(host, data), ...own, ...more });
    }
    if (mode === 'kraft') await Promise.all(ids.map((id) => format(join(directory, `${id}.properties`), jars, order)));
    // Of several old brokers that make ZooKeeper's first paths at once, one fails.
    const first = order.first ?? (version.startsWith('0.') ? 1 : undefined);
    if (mode === 'zookeeper' && first !== undefined) await start(first);
    await Promise.all(ids.filter((id) => !children.has(id)).map(start));
  } catch (error) {
    await clear();
    throw error;
  }
  const bootstrap = [...hosts.values()].map((host) => `${host}:9092`).join(',');
  return { directory, jars, bootstrap, hosts, zookeeper: zookeeper?.connect, start, kill, output, clear };
}

const common = (host: string, data: string): Properties => ({
  listeners: `PLAINTEXT://${host}:9092`,
  'log.dirs': data,
  'num.network.threads': 2,
  'num.io.threads': 2,
  'offsets.topic.num.partitions': 1,
  'offsets.topic.replication.factor': 1,
  'group.initial.rebalance.delay.ms': 0,
  'auto.create.topics.enable': false,
  'auto.leader.rebalance.enable': false,
  'log.cleaner.enable': false,
});

const zookeeperProperties = (id: number, connectTo: string): Properties => ({
  'broker.id': id,
  'zookeeper.connect': connectTo,
  'zookeeper.session.timeout.ms': 4000,
});

const kraftProperties = (id: number, hosts: ReadonlyMap<number, string>, controllers = 1): Properties => {
  const listener = `PLAINTEXT://${hosts.get(id) ?? ''}:9092`;
  const voters = [...hosts].slice(0, controllers);
  const isVoter = voters.some(([voter]) => voter === id);
  return {
    'node.id': id,
    'process.roles': isVoter ? 'broker,controller' : 'broker',
    listeners: isVoter ? `${listener},CONTROLLER://${hosts.get(id) ?? ''}:9093` : listener,
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': voters.map(([voter, host]) => `${voter}@${host}:9093`).join(),
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 4000,
  };
};

function writeProperties(file: string, properties: Properties): void {
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${String(value)}\n`);
  writeFileSync(file, lines.join(''));
}

async function format(file: string, jars: Jars, order: KafkaOrder): Promise<void> {
  const words = ['format', '--cluster-id', clusterId, '--config', file, ...(order.format ?? [])];
  await promisify(execFile)('java', [...smallJvm(128), '-cp', jars.classPath, 'kafka.tools.StorageTool', ...words]);
}

function accepts(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(9092, host, () => socket.destroy());
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('error', () => resolve(false));
    socket.on('close', (failed) => resolve(!failed));
  });
}
