/** The whole of a status: its lines, and what keeps the cluster from being healthy. */
import { faultsOf as faultsOfPods } from '../fleet/verdict.ts';
import { sameClusterId } from '../cluster-id.ts';
import { join, type Joined } from './join.ts';
import { countReplicas, type ClusterCounts } from './replicas.ts';
import { seen, type Sight } from './sight.ts';
import { judge, surroundingsOf, type Judged } from './verdict.ts';

export interface Report {
  readonly sight: Sight;
  readonly counts: ClusterCounts | undefined;
  readonly lines: readonly Line[];
  /** In words; empty if all that was seen is healthy. */
  readonly faults: readonly string[];
}

export interface Line extends Joined {
  readonly verdict: Judged;
}

export function reportOf(sight: Sight): Report {
  const kafka = seen(sight.kafka);
  const counts = kafka && countReplicas(kafka.view, kafka.moves);
  const joined = join(sight, counts);
  const scene = seen(sight.kubernetes);
  const around = surroundingsOf(joined, scene, sight.now);
  const lines = joined.map((line) => ({ ...line, verdict: judge(line, around) }));
  const faults = [
    ...wantedInVain(sight),
    ...(scene ? faultsOfPods(scene) : []),
    ...strangers(sight),
    ...lines.flatMap(({ id, verdict }) => (verdict.isFault && id !== null ? [`broker ${id}: ${verdict.words}`] : [])),
    ...(counts ? faultsOfPartitions(counts) : []),
  ];
  return { sight, counts, lines, faults };
}

function wantedInVain({ volume, kubernetes, kafka }: Sight): string[] {
  return Object.entries({ volume, Kubernetes: kubernetes, Kafka: kafka }).flatMap(([name, look]) =>
    look.kind === 'unseen' && look.wanted ? [`${name}: ${look.why ?? 'not seen'}`] : [],
  );
}

/** What is joined by id must be of one cluster. */
function strangers({ volume, kafka }: Sight): string[] {
  const cluster = seen(kafka)?.view.clusterId ?? null;
  const other = seen(volume)?.ids.find(
    ({ clusterId }) => clusterId !== null && cluster !== null && !sameClusterId(clusterId, cluster),
  );
  if (!other) return [];
  return [
    `${other.logDirs[0] ?? ''} is of cluster ${other.clusterId ?? ''}, and these brokers are of ${cluster ?? ''}`,
  ];
}

function faultsOfPartitions({ leaderless, lacking, belowMinIsr }: ClusterCounts): string[] {
  return [
    ...count(leaderless, 'no leader'),
    ...count(lacking, 'replicas that are not in sync'),
    ...count(belowMinIsr, 'fewer replicas in sync than min.insync.replicas'),
  ];
}

/** Such as `12 partitions (orders-3, …) have no leader`. */
function count([first, ...others]: readonly string[], what: string): string[] {
  if (first === undefined) return [];
  const who = others.length === 0 ? `partition ${first} has` : `${others.length + 1} partitions (${first}, …) have`;
  return [`${who} ${what}`];
}
