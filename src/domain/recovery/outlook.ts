/** What becomes of each broker, and how long it takes. */
import { nameOf, type KafkaView, type PartitionView } from '../kafka-view.ts';
import { comingOf, type PlannedMove, type RecoveryPlan } from './plan.ts';
import { bytesOf, type Sizes } from './sizes.ts';

export interface Change {
  readonly before: number;
  readonly after: number;
}

export interface BrokerOutlook {
  readonly id: number;
  readonly live: boolean;
  readonly rack: string | null;
  readonly leaders: Change;
  readonly replicas: Change;
  /** Of the partitions' present sizes; null where those are not known. */
  readonly bytes: Change | null;
}

/** Of every broker that the cluster or a partition knows of, by id. */
export function outlookOf({ moves }: RecoveryPlan, view: KafkaView, sizes: Sizes): BrokerOutlook[] {
  const planned = new Map(moves.map((move) => [nameOf(move), move]));
  const counts = new Map<number, Counts>();
  const of = (id: number): Counts => {
    const found = counts.get(id) ?? emptyCounts();
    counts.set(id, found);
    return found;
  };
  for (const id of view.known.map((broker) => broker.id)) of(id);
  for (const partition of view.partitions) count(partition, planned.get(nameOf(partition)), { of, sizes });
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([id, { leaders, replicas, bytes }]) => ({
      id,
      live: view.brokers.includes(id),
      rack: view.known.find((broker) => broker.id === id)?.rack ?? null,
      ...{ leaders, replicas, bytes: bytes.known ? { before: bytes.before, after: bytes.after } : null },
    }));
}

interface Counts {
  readonly leaders: { before: number; after: number };
  readonly replicas: { before: number; after: number };
  readonly bytes: { before: number; after: number; known: boolean };
}

const emptyCounts = (): Counts => ({
  leaders: { before: 0, after: 0 },
  replicas: { before: 0, after: 0 },
  bytes: { before: 0, after: 0, known: true },
});

interface Ledger {
  readonly of: (id: number) => Counts;
  readonly sizes: Sizes;
}

function count(partition: PartitionView, move: PlannedMove | undefined, { of, sizes }: Ledger): void {
  const before = partition.replicas;
  const after = move?.after ?? before;
  const bytes = bytesOf(partition, sizes);
  if (partition.leader >= 0) of(partition.leader).leaders.before += 1;
  const leader = move ? leaderAfter(partition, move) : partition.leader;
  if (leader >= 0) of(leader).leaders.after += 1;
  for (const [ids, when] of [
    [before, 'before'],
    [after, 'after'],
  ] as const) {
    for (const id of ids) {
      const counts = of(id);
      counts.replicas[when] += 1;
      counts.bytes[when] += bytes ?? 0;
      counts.bytes.known &&= bytes !== null;
    }
  }
}

/** The election at the end gives it to the first replica, which is in sync if it came or was. */
function leaderAfter({ leader, isr }: PartitionView, move: PlannedMove): number {
  const preferred = move.after[0] ?? leader;
  return isr.includes(preferred) || comingOf(move).includes(preferred) ? preferred : leader;
}

/** Seconds at the throttle: the broker with most to take or to give decides. Null without one, or where sizes are unknown. */
export function secondsOf({ moves }: RecoveryPlan, view: KafkaView, rate: number | undefined): number | null {
  if (rate === undefined) return null;
  const leaders = new Map(view.partitions.map((partition) => [nameOf(partition), partition.leader]));
  const loads = new Map<string, number>();
  for (const move of moves) {
    if (move.bytes === null) return null;
    const coming = comingOf(move);
    const lanes = [...coming.map((id) => `to ${id}`), ...coming.map(() => `from ${leaders.get(nameOf(move)) ?? ''}`)];
    for (const lane of lanes) loads.set(lane, (loads.get(lane) ?? 0) + move.bytes);
  }
  return Math.max(0, ...loads.values()) / rate;
}
