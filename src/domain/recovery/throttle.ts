/**
 * Kafka's replication throttle (KIP-73): a rate on brokers, and lists of replicas on topics to which it applies. Only what is
 * needed is added, and only what was added is taken away; values that stood there before are put back.
 */
import { nameOf, type PartitionName } from '../kafka-view.ts';
import { comingOf, type PlannedMove } from './plan.ts';

export const sides = ['leader', 'follower'] as const;
export type Side = (typeof sides)[number];

export const rateKey = (side: Side): string => `${side}.replication.throttled.rate`;
export const listKey = (side: Side): string => `${side}.replication.throttled.replicas`;
export const throttleKeys: readonly string[] = sides.flatMap((side) => [rateKey(side), listKey(side)]);

export type Resource = { readonly topic: string } | { readonly broker: number };

/** Dynamic values of one resource, by side: of a broker its rates, of a topic its lists. Null: not set. */
export type Values = Readonly<Record<Side, string | null>>;

/** Values of many resources; their keys are `topic NAME` and `broker ID`. */
export type ValuesOf = Readonly<Record<string, Values>>;

export const keyOfResource = (resource: Resource): string =>
  'topic' in resource ? `topic ${resource.topic}` : `broker ${resource.broker}`;

export function resourceOf(key: string): Resource {
  const name = key.slice(key.indexOf(' ') + 1);
  return key.startsWith('topic ') ? { topic: name } : { broker: Number(name) };
}

export interface Change {
  readonly resource: Resource;
  readonly key: string;
  readonly operation: 'set' | 'delete' | 'append' | 'subtract';
  readonly value?: string;
}

/** What some moves need: which rates, and which entries. */
export interface Needs {
  readonly brokers: ReadonlyMap<number, ReadonlySet<Side>>;
  readonly topics: ReadonlyMap<string, Readonly<Record<Side, readonly string[]>>>;
}

/** Whoever has a replica may have to lead it before the end. A broker that is dead has no part in it: it can't be told. */
export function needsOf(moves: readonly PlannedMove[], live: readonly number[]): Needs {
  const brokers = new Map<number, Set<Side>>();
  const topics = new Map<string, Record<Side, string[]>>();
  const add = (move: PartitionName, broker: number, side: Side): void => {
    if (!live.includes(broker)) return;
    brokers.set(broker, (brokers.get(broker) ?? new Set()).add(side));
    const lists = topics.get(move.topic) ?? { leader: [], follower: [] };
    lists[side].push(entryOf(move, broker));
    topics.set(move.topic, lists);
  };
  for (const move of moves) {
    for (const broker of move.before) add(move, broker, 'leader');
    for (const broker of comingOf(move)) add(move, broker, 'follower');
  }
  return { brokers, topics };
}

const entryOf = ({ partition }: PartitionName, broker: number): string => `${partition}:${broker}`;

export const resourcesOf = ({ brokers, topics }: Needs): Resource[] => [
  ...[...brokers.keys()].map((broker) => ({ broker })),
  ...[...topics.keys()].map((topic) => ({ topic })),
];

const entriesIn = (value: string | null): string[] =>
  (value ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** `*` is every replica. */
const everything = '*';

/** What to add to what there is now. */
export function additions(needs: Needs, now: ValuesOf, rate: number): Change[] {
  const changes: Change[] = [];
  for (const [broker, needed] of needs.brokers) {
    for (const side of needed) {
      const present = now[keyOfResource({ broker })]?.[side] ?? null;
      if (present === String(rate)) continue;
      changes.push({ resource: { broker }, key: rateKey(side), operation: 'set', value: String(rate) });
    }
  }
  for (const [topic, lists] of needs.topics) {
    for (const side of sides) {
      const present = entriesIn(now[keyOfResource({ topic })]?.[side] ?? null);
      const missing = present.includes(everything) ? [] : lists[side].filter((entry) => !present.includes(entry));
      if (missing.length === 0) continue;
      changes.push({ resource: { topic }, key: listKey(side), operation: 'append', value: missing.join(',') });
    }
  }
  return changes;
}

export interface Ours {
  readonly moves: readonly PlannedMove[];
  /** Every rate that was ever set. */
  readonly rates: readonly number[];
  /** How things were before the first change, of each resource that may have been changed. */
  readonly earlier: ValuesOf;
}

export interface Removal {
  readonly changes: readonly Change[];
  /** Rates that somebody else has set since: left as they are. */
  readonly foreign: readonly string[];
}

/** What to take away so that all is as it was. Done already, there is nothing to do: it may be asked for at any time. */
export function removals(ours: Ours, now: ValuesOf): Removal {
  const entries = ourEntries(ours.moves);
  const changes: Change[] = [];
  const foreign: string[] = [];
  for (const [key, earlier] of Object.entries(ours.earlier)) {
    const present = now[key];
    if (!present) continue;
    const resource = resourceOf(key);
    for (const side of sides) {
      const values = { earlier: earlier[side], present: present[side] };
      const change =
        'topic' in resource ? listBack(entries.get(resource.topic) ?? new Set(), values) : rateBack(ours.rates, values);
      if (change === 'foreign') foreign.push(`${key}: ${rateKey(side)}=${values.present ?? ''}`);
      else if (change) changes.push({ resource, key: 'topic' in resource ? listKey(side) : rateKey(side), ...change });
    }
  }
  return { changes, foreign };
}

/**
 * Rates that show as they were, once more. A broker may not have heard yet of what was set: beside ZooKeeper it shows what it
 * has heard, and takes changes in order.
 */
export function rateReminders({ earlier }: Ours, now: ValuesOf): Change[] {
  return Object.entries(earlier).flatMap(([name, was]) => {
    const resource = resourceOf(name);
    if ('topic' in resource || !now[name]) return [];
    const asItWas = sides.filter((side) => now[name]?.[side] === was[side]);
    return asItWas.map((side) => ({ resource, key: rateKey(side), ...setBack(was[side]) }));
  });
}

const setBack = (value: string | null): Pick<Change, 'operation' | 'value'> =>
  value === null ? { operation: 'delete' } : { operation: 'set', value };

/** Every entry that we may have made, in either direction. */
function ourEntries(moves: readonly PlannedMove[]): ReadonlyMap<string, ReadonlySet<string>> {
  const entries = new Map<string, Set<string>>();
  for (const move of moves) {
    const ofTopic = entries.get(move.topic) ?? new Set();
    for (const broker of [...move.before, ...move.after]) ofTopic.add(entryOf(move, broker));
    entries.set(move.topic, ofTopic);
  }
  return entries;
}

interface Pair {
  readonly earlier: string | null;
  readonly present: string | null;
}

type Back = Pick<Change, 'operation' | 'value'> | undefined;

function listBack(ours: ReadonlySet<string>, { earlier, present }: Pair): Back {
  if (present === null || present === earlier) return undefined;
  const stood = entriesIn(earlier);
  const added = entriesIn(present).filter((entry) => ours.has(entry) && !stood.includes(entry));
  const others = entriesIn(present).filter((entry) => !added.includes(entry));
  // Taken away entry by entry, an empty list would stay where there was none.
  if (others.length === 0 && earlier === null) return { operation: 'delete' };
  return added.length === 0 ? undefined : { operation: 'subtract', value: added.join(',') };
}

function rateBack(rates: readonly number[], { earlier, present }: Pair): Back | 'foreign' {
  if (present === earlier || present === null) return undefined;
  if (!rates.map(String).includes(present)) return 'foreign';
  return setBack(earlier);
}

/**
 * The least that a rate must exceed, in bytes a second: what producers bring in to all the partitions that one broker may take
 * at once. At that rate the copies never catch up.
 */
export function leastRate(
  moves: readonly PlannedMove[],
  growth: ReadonlyMap<string, number>,
  atOnce: number,
): { readonly rate: number; readonly broker: number } {
  const perBroker = new Map<number, number[]>();
  for (const move of moves) {
    const grows = growth.get(nameOf(move)) ?? 0;
    for (const broker of comingOf(move)) perBroker.set(broker, [...(perBroker.get(broker) ?? []), grows]);
  }
  let most = { rate: 0, broker: -1 };
  for (const [broker, grows] of perBroker) {
    const rate = grows
      .sort((a, b) => b - a)
      .slice(0, atOnce)
      .reduce((sum, each) => sum + each, 0);
    if (rate > most.rate) most = { rate, broker };
  }
  return most;
}
