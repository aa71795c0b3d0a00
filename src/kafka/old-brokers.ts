/** For brokers that predate a request: the same through ZooKeeper, where it was named. Each answers undefined for others. */
import type { Reassignment } from '../domain/kafka-view.ts';
import { reassignmentsOf } from '../domain/znodes.ts';
import { BarnabasError } from '../errors.ts';
import type { ConfigAnswer, ConfigChange, ConfigResource, ElectionOrder, Move } from '../ports-kafka.ts';
import type { Log } from '../ports.ts';
import type { Brokers } from './brokers.ts';
import { lookAtKafka, type Assignments } from './look.ts';
import { Minima } from './minima.ts';
import { alterPartitionReassignments } from './protocol/alter-partition-reassignments.ts';
import type { Api } from './protocol/api.ts';
import { byConfigResource } from './protocol/configs.ts';
import { electLeaders } from './protocol/elect-leaders.ts';
import { incrementalAlterConfigs } from './protocol/incremental-alter-configs.ts';
import { listPartitionReassignments } from './protocol/list-partition-reassignments.ts';
import type { Znodes } from './znodes.ts';

export interface OldBrokers {
  /** Of brokers that tell replicas in no order. None are known without ZooKeeper. */
  assignments(topics: readonly string[]): Promise<Assignments>;
  elect(order: ElectionOrder): Promise<'asked' | undefined>;
  listReassignments(): Promise<readonly Reassignment[] | undefined>;
  reassign(moves: readonly Move[]): Promise<'asked' | undefined>;
  readConfigs(
    resources: readonly ConfigResource[],
    keys: readonly string[],
  ): Promise<readonly ReadonlyMap<string, string>[] | undefined>;
  changeConfigs(changes: readonly ConfigChange[]): Promise<readonly ConfigAnswer[] | undefined>;
  close(): Promise<void>;
}

interface Options {
  readonly brokers: Brokers;
  readonly zookeeper: string | undefined;
  readonly log: Log;
}

export function oldBrokers({ brokers, zookeeper, log }: Options): OldBrokers {
  let opened: Promise<Znodes> | undefined;
  let warned = false;
  const open = (connect: string): Promise<Znodes> =>
    (opened ??= import('./znodes.ts').then(({ openZnodes }) => openZnodes(connect, log)));
  const assignments = async (topics: readonly string[]): Promise<Assignments> => {
    if (zookeeper !== undefined) return await (await open(zookeeper)).assignments(topics);
    if (!warned) {
      const why = 'brokers before Kafka 0.11 tell replicas in no order';
      log.warn('which replica should lead is not known', { why, set: '--zookeeper' });
    }
    warned = true;
    return new Map();
  };
  const znodes = async (action: string, api: Api<never, unknown>): Promise<Znodes | undefined> => {
    if (!(await brokers.controller()).predates(api)) return undefined;
    if (zookeeper === undefined) {
      const why = `its brokers do not know ${api.name}, as Kafka does from ${api.since} on`;
      throw new BarnabasError('kafka-version', `cannot ${action} in this cluster: ${why}; name its --zookeeper`);
    }
    return await open(zookeeper);
  };
  return {
    assignments,
    async elect({ type, partitions }) {
      // A znode asks for preferred leaders alone.
      if (type === 'unclean') return undefined;
      const through = await znodes('elect leaders', electLeaders);
      await through?.elect(partitions);
      return through && 'asked';
    },
    async listReassignments() {
      const through = await znodes('list reassignments', listPartitionReassignments);
      const targets = await through?.targets();
      if (targets === undefined) return undefined;
      if (targets.length === 0) return [];
      return reassignmentsOf(targets, (await lookAtKafka(brokers, { minima: new Minima(), assignments })).partitions);
    },
    async reassign(moves) {
      const through = await znodes('reassign partitions', alterPartitionReassignments);
      await through?.reassign(moves);
      return through && 'asked';
    },
    async readConfigs(resources, keys) {
      const through = await znodes('read configs', incrementalAlterConfigs);
      return through && (await Promise.all(resources.map((resource) => ownValues(through, resource, keys))));
    },
    async changeConfigs(changes) {
      const through = await znodes('change configs', incrementalAlterConfigs);
      if (!through) return undefined;
      const answers: ConfigAnswer[] = [];
      for (const { resource, changes: own } of byConfigResource(changes)) {
        answers.push(await through.changeConfig(resource, own));
      }
      return answers;
    },
    close: async () => (await opened)?.close(),
  };
}

async function ownValues(
  znodes: Znodes,
  resource: ConfigResource,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const config = Object.entries(await znodes.readConfig(resource));
  return new Map(config.filter(([key]) => keys.includes(key)));
}
