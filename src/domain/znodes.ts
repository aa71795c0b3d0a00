/**
 * What brokers are told through ZooKeeper that know no request for it (Kafka's own tools did so with `--zookeeper`):
 * elections before Kafka 2.2, configs before 2.3, reassignments before 2.4. Formats: kafka.utils.ZkUtils, kafka.zk.ZkData.
 */
import type { PartitionName, PartitionView, Reassignment } from './kafka-view.ts';

export const znodePaths = {
  election: '/admin/preferred_replica_election',
  reassignment: '/admin/reassign_partitions',
  topics: '/brokers/topics',
  /** Numbered by ZooKeeper. Brokers read the configs that it names. */
  configChange: '/config/changes/config_change_',
} as const;

/** ZooKeeper takes 1 MiB for a whole request: half of it is safe with paths and access control lists. */
export const maxZnodeBytes = 512_000;

/** The content of one znode after another: the next is for when the controller has taken the one before away. */
export function electionZnodes(partitions: readonly PartitionName[], maxBytes = maxZnodeBytes): string[] {
  const znodes: string[][] = [];
  let room = 0;
  for (const { topic, partition } of partitions) {
    // With a comma, but for the first. Names of topics are ASCII, so letters are bytes.
    const entry = JSON.stringify({ topic, partition });
    if (entry.length + 1 > room) {
      znodes.push([]);
      room = maxBytes - electionZnode([]).length + 1;
    }
    znodes.at(-1)?.push(entry);
    room -= entry.length + 1;
  }
  return znodes.map(electionZnode);
}

const electionZnode = (entries: readonly string[]): string => `{"version":1,"partitions":[${entries.join(',')}]}`;

export interface Target extends PartitionName {
  readonly replicas: readonly number[];
}

export const reassignmentZnode = (moves: readonly Target[]): string =>
  JSON.stringify({
    version: 1,
    partitions: moves.map(({ topic, partition, replicas }) => ({ topic, partition, replicas })),
  });

/** Undefined if it is not in the format. */
export function readReassignmentZnode(text: string): Target[] | undefined {
  const { partitions } = (parse(text) ?? {}) as { readonly partitions?: unknown };
  return Array.isArray(partitions) && partitions.every(isTarget) ? partitions : undefined;
}

const isTarget = (value: unknown): value is Target => {
  const { topic, partition, replicas } = (value ?? {}) as Partial<Record<keyof Target, unknown>>;
  return typeof topic === 'string' && Number.isInteger(partition) && Array.isArray(replicas);
};

/** What is not told, the partitions show: who of the target is not in sync yet, and who is there beside it. */
export function reassignmentsOf(targets: readonly Target[], partitions: readonly PartitionView[]): Reassignment[] {
  const views = new Map(partitions.map((view) => [`${view.topic} ${view.partition}`, view]));
  return targets.map(({ topic, partition, replicas: target }) => {
    const { replicas = [], isr = [] } = views.get(`${topic} ${partition}`) ?? {};
    const removing = replicas.filter((id) => !target.includes(id));
    const adding = target.filter((id) => !isr.includes(id));
    return { topic, partition, replicas: [...target, ...removing], adding, removing };
  });
}

/** `/brokers/topics/<topic>`: by partition, its replicas in their order. Undefined if it is not in the format. */
export function readTopicZnode(text: string): ReadonlyMap<number, readonly number[]> | undefined {
  const { partitions } = (parse(text) ?? {}) as { readonly partitions?: unknown };
  if (typeof partitions !== 'object' || partitions === null) return undefined;
  const entries = Object.entries(partitions as Record<string, unknown>);
  return new Map(entries.flatMap(([id, replicas]) => (isIds(replicas) ? [[Number(id), replicas] as const] : [])));
}

const isIds = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(Number.isInteger);

/** Of a topic or a broker. Undefined if it is not in the format. */
export function readConfigZnode(text: string): Record<string, string> | undefined {
  const { config } = (parse(text) ?? {}) as { readonly config?: unknown };
  return typeof config === 'object' && config !== null ? (config as Record<string, string>) : undefined;
}

export const configZnode = (config: Readonly<Record<string, string>>): string => JSON.stringify({ version: 1, config });

/** `entity`: such as `topics/orders`. */
export const configChangeZnode = (entity: string): string => JSON.stringify({ version: 2, entity_path: entity });

export interface KeyChange {
  readonly key: string;
  readonly operation: 'set' | 'delete' | 'append' | 'subtract';
  readonly value?: string;
}

export function changeConfig(
  config: Readonly<Record<string, string>>,
  changes: readonly KeyChange[],
): Record<string, string> {
  const values = new Map(Object.entries(config));
  for (const { key, operation, value = '' } of changes) {
    const list = (values.get(key) ?? '').split(',').filter((entry) => entry !== '');
    const given = value.split(',').filter((entry) => entry !== '');
    if (operation === 'delete') values.delete(key);
    if (operation === 'set') values.set(key, value);
    if (operation === 'append') values.set(key, [...new Set([...list, ...given])].join(','));
    if (operation !== 'subtract') continue;
    const left = list.filter((entry) => !given.includes(entry));
    if (left.length > 0) values.set(key, left.join(','));
    else values.delete(key);
  }
  return Object.fromEntries(values);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
