/** Leaders and replicas, counted for each broker and for the whole. */
import { nameOf, type KafkaView, type PartitionView, type Reassignment } from '../kafka-view.ts';

export interface ReplicaCounts {
  readonly leads: number;
  /** Of how many partitions it is the preferred leader. */
  readonly preferred: number;
  readonly inSync: number;
  readonly replicas: number;
  /** Of them those that a reassignment is adding, and that are not in sync yet. */
  readonly arriving: number;
}

export interface ClusterCounts {
  readonly partitions: number;
  readonly leaderless: readonly string[];
  /** With replicas that are not in sync, those left out that are arriving. */
  readonly lacking: readonly string[];
  /** Below `min.insync.replicas`: not to be written to with acks=all. */
  readonly belowMinIsr: readonly string[];
  readonly byBroker: ReadonlyMap<number, ReplicaCounts>;
}

export const noReplicas: ReplicaCounts = { leads: 0, preferred: 0, inSync: 0, replicas: 0, arriving: 0 };

type Counting = { -readonly [Name in keyof ReplicaCounts]: number };

export function countReplicas(
  { partitions }: Pick<KafkaView, 'partitions'>,
  moves: readonly Reassignment[],
): ClusterCounts {
  const adding = new Map(moves.map((move) => [nameOf(move), move.adding]));
  const counts: Counts = { leaderless: [], lacking: [], belowMinIsr: [], byBroker: new Map() };
  for (const partition of partitions) countOne(partition, adding.get(nameOf(partition)) ?? [], counts);
  return { partitions: partitions.length, ...counts };
}

interface Counts {
  readonly leaderless: string[];
  readonly lacking: string[];
  readonly belowMinIsr: string[];
  readonly byBroker: Map<number, Counting>;
}

function countOne(view: PartitionView, adding: readonly number[], counts: Counts): void {
  const { leader, replicas, isr, minIsr } = view;
  const of = (id: number): Counting => {
    const known = counts.byBroker.get(id) ?? { ...noReplicas };
    counts.byBroker.set(id, known);
    return known;
  };
  let lacks = false;
  for (const [index, id] of replicas.entries()) {
    const broker = of(id);
    broker.replicas += 1;
    if (index === 0) broker.preferred += 1;
    if (isr.includes(id)) broker.inSync += 1;
    else if (adding.includes(id)) broker.arriving += 1;
    else lacks = true;
  }
  if (leader < 0) counts.leaderless.push(nameOf(view));
  else of(leader).leads += 1;
  if (lacks) counts.lacking.push(nameOf(view));
  if (isr.length < minIsr) counts.belowMinIsr.push(nameOf(view));
}
