/** Dynamic configs. Those of a broker are asked of that very broker, as Kafka wants it; those of topics of any. */
import type { ConfigAnswer, ConfigChange, ConfigResource } from '../ports-kafka.ts';
import { inBatches } from './batches.ts';
import { isFault, type Brokers } from './brokers.ts';
import type { Link } from './link.ts';
import { byConfigResource, keyOf, toWire, type ResourceChanges } from './protocol/configs.ts';
import { describeConfigs, type DescribedConfig } from './protocol/describe-configs.ts';
import { errorCodes, problemOf } from './protocol/errors.ts';
import { incrementalAlterConfigs } from './protocol/incremental-alter-configs.ts';
import { refusal } from './refusal.ts';

const timeoutMs = 15_000;
/** Resources: KRaft takes 10,000 records at once, one for each key. */
const batchSize = 500;

export async function readConfigsByRequest(
  brokers: Brokers,
  resources: readonly ConfigResource[],
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>[]> {
  const found = await describe(brokers, resources, keys);
  return resources.map((resource) => ownValues(found.get(keyOf(toWire(resource)))));
}

async function describe(
  brokers: Brokers,
  resources: readonly ConfigResource[],
  keys: readonly string[],
): Promise<ReadonlyMap<string, DescribedConfig>> {
  const found = new Map<string, DescribedConfig>();
  for (const group of groupsOf(resources, (resource) => resource)) {
    const link = await linkTo(brokers, group);
    const question = { api: describeConfigs, request: { resources: group.items, keys }, timeoutMs };
    for (const config of await brokers.askOf(link, question)) found.set(keyOf(config), config);
  }
  return found;
}

/** A topic that is gone has none. */
function ownValues(config: DescribedConfig | undefined): ReadonlyMap<string, string> {
  const { error = errorCodes.none, message = null, entries = [] } = config ?? {};
  if (error !== errorCodes.none && error !== errorCodes.unknownTopic) {
    throw refusal('read configs', { code: error, message, needs: 'DESCRIBE_CONFIGS on Topic and Cluster' });
  }
  return new Map(entries.flatMap(({ key, value, own }) => (own && value !== null ? [[key, value]] : [])));
}

export async function changeConfigsByRequest(
  brokers: Brokers,
  changes: readonly ConfigChange[],
): Promise<ConfigAnswer[]> {
  const answers: ConfigAnswer[] = [];
  const safe = await withoutEmptyEntries(brokers, changes);
  for (const group of groupsOf(byConfigResource(safe), ({ resource }) => resource)) {
    answers.push(...(await inBatches(group.items, batchSize, (batch) => changeOf(brokers, group, batch))));
  }
  return answers;
}

/**
 * Appended to an empty list, an entry comes after a comma on Kafka 2.8 (seen: `,0:1`), which is no list of throttled
 * replicas any more. So the first entries are set. Who may not read the configs appends.
 */
async function withoutEmptyEntries(
  brokers: Brokers,
  changes: readonly ConfigChange[],
): Promise<readonly ConfigChange[]> {
  const appends = changes.filter(({ operation, resource }) => operation === 'append' && 'topic' in resource);
  if (appends.length === 0) return changes;
  const resources = byConfigResource(appends).map(({ resource }) => resource);
  const found = await describe(brokers, resources, [...new Set(appends.map(({ key }) => key))]);
  return changes.map((change) => {
    if (change.operation !== 'append') return change;
    const entries = found.get(keyOf(toWire(change.resource)))?.entries ?? [];
    return entries.some(({ key, value }) => key === change.key && value === '')
      ? { ...change, operation: 'set' }
      : change;
  });
}

async function changeOf(
  brokers: Brokers,
  group: Pick<Group<unknown>, 'broker'>,
  batch: readonly ResourceChanges[],
): Promise<ConfigAnswer[]> {
  const resources = batch.map(({ resource }) => resource);
  try {
    const link = await linkTo(brokers, group);
    const request = batch.flatMap(({ changes }) => changes);
    const answer = await brokers.askOf(link, { api: incrementalAlterConfigs, request, timeoutMs });
    const results = new Map(answer.map((result) => [keyOf(result), result]));
    return resources.map((resource) => {
      const { error = errorCodes.unknown, message = null } = results.get(keyOf(toWire(resource))) ?? {};
      return { resource, problem: problemOf(error, message) };
    });
  } catch (error) {
    // One broker that is away is no reason not to change the others.
    if (group.broker === undefined || !isFault(error)) throw error;
    const problem = problemOf(errorCodes.brokerNotAvailable, (error as Error).message);
    return resources.map((resource) => ({ resource, problem }));
  }
}

/** What one broker is asked at once. */
interface Group<T> {
  /** Undefined: any. */
  readonly broker: number | undefined;
  readonly items: T[];
}

function groupsOf<T>(items: readonly T[], resourceOf: (item: T) => ConfigResource): Group<T>[] {
  const groups = new Map<number | undefined, Group<T>>();
  for (const item of items) {
    const resource = resourceOf(item);
    const broker = 'broker' in resource ? resource.broker : undefined;
    const group = groups.get(broker) ?? { broker, items: [] };
    group.items.push(item);
    groups.set(broker, group);
  }
  return [...groups.values()];
}

const linkTo = (brokers: Brokers, { broker }: Pick<Group<unknown>, 'broker'>): Promise<Link> =>
  broker === undefined ? brokers.any() : brokers.broker(broker);
