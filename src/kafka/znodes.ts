/** Brokers that know no request for it are told through ZooKeeper. Formats: domain/znodes.ts. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PartitionName } from '../domain/kafka-view.ts';
import { parseZooKeeperAddress } from '../domain/zookeeper-address.ts';
import {
  changeConfig,
  configChangeZnode,
  configZnode,
  electionZnodes,
  maxZnodeBytes,
  readConfigZnode,
  readReassignmentZnode,
  readTopicZnode,
  reassignmentZnode,
  znodePaths,
  type Target,
} from '../domain/znodes.ts';
import { BarnabasError } from '../errors.ts';
import type { ConfigAnswer, ConfigChange, ConfigResource, Move } from '../ports-kafka.ts';
import type { Log } from '../ports.ts';
import type { Assignments } from './look.ts';
import { errorCodes, problemOf } from './protocol/errors.ts';
import { ZooKeeperRefusal, type Versioned, type ZooKeeperConnection } from './zookeeper-connection.ts';
import { ZooKeeperSession } from './zookeeper-session.ts';

export interface Znodes {
  elect(partitions: readonly PartitionName[]): Promise<void>;
  /** By topic and partition, the replicas in their order. */
  assignments(topics: readonly string[]): Promise<Assignments>;
  targets(): Promise<Target[]>;
  reassign(moves: readonly Move[]): Promise<void>;
  readConfig(resource: ConfigResource): Promise<Readonly<Record<string, string>>>;
  changeConfig(resource: ConfigResource, changes: readonly ConfigChange[]): Promise<ConfigAnswer>;
  close(): Promise<void>;
}

const sessionTimeoutMs = 10_000;
const callMs = 15_000;
/** How long the controller may take to take an election's znode away. */
const electionMs = 60_000;
const electionPollMs = 100;

export function openZnodes(connect: string, log: Log): Znodes {
  const address = parseZooKeeperAddress(connect);
  if ('problem' in address) throw new BarnabasError('settings-invalid', address.problem);
  const session = new ZooKeeperSession({ address, log, sessionTimeoutMs });
  const signal = new AbortController().signal;
  const call: Call = (action, work) => session.call(action, { timeoutMs: callMs, signal }, work);
  return {
    elect: (partitions) => elect(call, partitions),
    assignments: (topics) => assignments(call, topics),
    targets: () => targets(call),
    reassign: (moves) => reassign(call, moves),
    readConfig: async (resource) => (await readConfig(call, resource)).config,
    changeConfig: (resource, changes) => change(call, resource, changes),
    close: () => session.close(),
  };
}

type Call = <T>(action: string, work: (connection: ZooKeeperConnection) => Promise<T>) => Promise<T>;

/** Each part once the controller has taken the one before away, which it does when it is done with it. */
async function elect(call: Call, partitions: readonly PartitionName[]): Promise<void> {
  const path = znodePaths.election;
  const until = performance.now() + electionMs;
  const action = 'ask for an election';
  const gone = async (): Promise<void> => {
    while (await call(action, (connection) => connection.exists(path))) {
      if (performance.now() > until) throw stillThere();
      await delay(electionPollMs);
    }
  };
  for (const content of electionZnodes(partitions)) {
    // Somebody else's may be there: Kafka has but one at a time.
    while ((await create(call, { action, path, content })) === 'exists') await gone();
    await gone();
  }
}

const stillThere = (): BarnabasError =>
  new BarnabasError(
    'kafka-failed',
    `no controller has carried out the election within ${electionMs / 1000} s: ${znodePaths.election} is still there`,
  );

interface NewZnode {
  readonly action: string;
  readonly path: string;
  readonly content: string;
}

/** Old clusters lack a parent that nothing was put below yet. A connection lost in between may leave our own behind. */
function create(call: Call, { action, path, content }: NewZnode): Promise<'created' | 'exists'> {
  let tried = false;
  return call(action, async (connection) => {
    const before = tried;
    tried = true;
    const data = Buffer.from(content);
    let outcome = await connection.create(path, data);
    if (outcome === 'no-parent') {
      await connection.create(path.slice(0, path.lastIndexOf('/')), Buffer.alloc(0));
      outcome = await connection.create(path, data);
    }
    if (outcome === 'no-parent') throw new ZooKeeperRefusal('NO_NODE');
    if (outcome === 'created' || !before) return outcome;
    return (await connection.read(path))?.data.equals(data) ? 'created' : 'exists';
  });
}

async function assignments(call: Call, topics: readonly string[]): Promise<Assignments> {
  const read = await call('read the replicas of topics', (connection) =>
    Promise.all(topics.map(async (topic) => [topic, await connection.read(`${znodePaths.topics}/${topic}`)] as const)),
  );
  return new Map(read.map(([topic, znode]) => [topic, readTopicZnode(znode?.data.toString() ?? '') ?? new Map()]));
}

async function targets(call: Call): Promise<Target[]> {
  const path = znodePaths.reassignment;
  const znode = await call('read the reassignments', (connection) => connection.read(path));
  if (znode === undefined) return [];
  const read = readReassignmentZnode(znode.data.toString());
  if (read) return read;
  throw new BarnabasError('kafka-failed', `cannot read the reassignments: ${path} has no list of partitions`);
}

async function reassign(call: Call, moves: readonly Move[]): Promise<void> {
  const path = znodePaths.reassignment;
  const wanted = moves.map(({ topic, partition, replicas }) => {
    if (replicas !== null) return { topic, partition, replicas };
    const what = `cannot call off the move of ${topic}-${partition}`;
    throw new BarnabasError('kafka-version', `${what}: brokers can from Kafka 2.4 on; wait until it is done`);
  });
  const content = reassignmentZnode(wanted);
  if (content.length > maxZnodeBytes) {
    const why = `${moves.length} moves take ${content.length} bytes, and one znode ${maxZnodeBytes} at most`;
    throw new BarnabasError('kafka-version', `cannot reassign partitions: ${why}; ask for fewer at a time`);
  }
  if ((await create(call, { action: 'reassign partitions', path, content })) === 'created') return;
  const why = `others are under way (${path}), and brokers before Kafka 2.4 take no more until they are done`;
  throw new BarnabasError('kafka-failed', `cannot reassign partitions: ${why}`);
}

const entityOf = (resource: ConfigResource): string =>
  'topic' in resource ? `topics/${resource.topic}` : `brokers/${resource.broker}`;

interface ReadConfig {
  readonly config: Readonly<Record<string, string>>;
  /** Undefined: there is no znode yet. */
  readonly znode: Versioned | undefined;
}

async function readConfig(call: Call, resource: ConfigResource): Promise<ReadConfig> {
  const path = `/config/${entityOf(resource)}`;
  const znode = await call(`read ${path}`, (connection) => connection.read(path));
  if (znode === undefined) return { config: {}, znode: undefined };
  const config = readConfigZnode(znode.data.toString());
  if (config) return { config, znode: { path, version: znode.stat.version } };
  throw new BarnabasError('kafka-failed', `cannot read ${path}: it has no configs`);
}

/** Again where somebody else changed it meanwhile. A crash before the note leaves brokers with what they had: run again. */
async function change(call: Call, resource: ConfigResource, changes: readonly ConfigChange[]): Promise<ConfigAnswer> {
  const entity = entityOf(resource);
  const path = `/config/${entity}`;
  const action = `change ${path}`;
  const isThere = 'broker' in resource || (await call(action, (to) => to.exists(`/brokers/topics/${resource.topic}`)));
  if (!isThere) return { resource, problem: problemOf(errorCodes.unknownTopic, null) };
  for (;;) {
    const { config, znode } = await readConfig(call, resource);
    const content = configZnode(changeConfig(config, changes));
    const outcome = znode
      ? await call(action, (connection) => connection.write(znode, Buffer.from(content)))
      : await create(call, { action, path, content });
    if (outcome === 'written' || outcome === 'created') break;
  }
  const note = Buffer.from(configChangeZnode(entity));
  await call(action, (connection) => connection.create(znodePaths.configChange, note, 'numbered'));
  return { resource, problem: null };
}
