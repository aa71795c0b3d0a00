/** What a recovery is to do, decided from one look at the cluster. */
import { sameClusterId } from '../cluster-id.ts';
import { nameOf, type KafkaView, type PartitionName, type PartitionView, type Reassignment } from '../kafka-view.ts';
import { heirsIn, type Replacement } from './replacement.ts';
import { bytesOf, type Sizes } from './sizes.ts';
import { whyApart, type Apart } from './triage.ts';

export interface PlannedMove extends PartitionName {
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** To be copied; null where brokers don't tell (before Kafka 1.0). */
  readonly bytes: number | null;
}

export interface RecoveryPlan {
  readonly clusterId: string | null;
  readonly replace: readonly Replacement[];
  /** Of the topics that have moves; null before Kafka 2.8. */
  readonly topicIds: Readonly<Record<string, string | null>>;
  /** In the order in which they go: who has the fewest replicas in sync first. */
  readonly moves: readonly PlannedMove[];
  readonly apart: readonly Apart[];
}

export interface Sight {
  readonly view: KafkaView;
  readonly flights: readonly Reassignment[];
  readonly sizes: Sizes;
}

export function planRecovery(replace: readonly Replacement[], { view, flights, sizes }: Sight): RecoveryPlan {
  const flying = new Map(flights.map((flight) => [nameOf(flight), flight]));
  const moves: (PlannedMove & { readonly inSync: number })[] = [];
  const apart: Apart[] = [];
  for (const partition of view.partitions.filter((each) => concerns(each, replace))) {
    const { topic, partition: number, replicas, isr } = partition;
    const name = { topic, partition: number };
    const scene = { replace, live: view.brokers, flight: flying.get(nameOf(partition)) };
    const reason = whyApart(partition, scene);
    if (reason) apart.push({ ...name, ...reason });
    else {
      const bytes = bytesOf(partition, sizes);
      moves.push({ ...name, before: replicas, after: heirsIn(replicas, replace), bytes, inSync: isr.length });
    }
  }
  moves.sort((a, b) => a.inSync - b.inSync || byName(a, b));
  return {
    clusterId: view.clusterId,
    replace,
    topicIds: idsOf(moves, view.partitions),
    moves: moves.map(({ topic, partition, before, after, bytes }) => ({ topic, partition, before, after, bytes })),
    apart: apart.sort(byName),
  };
}

const concerns = ({ replicas }: PartitionView, replace: readonly Replacement[]): boolean =>
  replace.some(({ old }) => replicas.includes(old));

export const byName = (a: PartitionName, b: PartitionName): number =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1;

function idsOf(moves: readonly PartitionName[], partitions: readonly PartitionView[]): Record<string, string | null> {
  const ids = new Map(partitions.map(({ topic, topicId }) => [topic, topicId]));
  const topics = [...new Set(moves.map(({ topic }) => topic))].sort();
  return Object.fromEntries(topics.map((topic) => [topic, ids.get(topic) ?? null]));
}

/** Why a plan must not be touched here; empty where it is of this cluster, or nobody can tell. */
export const otherCluster = ({ clusterId: planned }: RecoveryPlan, clusterId: string | null): string[] =>
  planned === null || clusterId === null || sameClusterId(planned, clusterId)
    ? []
    : [`the plan is of cluster ${planned}, and this is ${clusterId}`];

/** Who copies a move's data to whom. */
export const comingOf = ({ before, after }: Pick<PlannedMove, 'before' | 'after'>): number[] =>
  after.filter((id) => !before.includes(id));
