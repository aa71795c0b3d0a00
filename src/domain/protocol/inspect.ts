/** Reads log dirs to say whether a broker of this id and cluster may be started on it. Changes nothing. */
import { sameClusterId } from '../cluster-id.ts';
import { foreignDirectories, parseMetaProperties, type MetaProperties } from '../log-dir.ts';
import { list, read, type Outcome, type Step } from './effects.ts';
import type { IdView, MaybeUnread, Survey } from './survey.ts';

export type Inspection =
  { readonly fit: true; readonly meta: MetaProperties | undefined } | { readonly fit: false; readonly why: string };

/** Which cluster the volume's data belong to: as somebody said, or as its log dirs agree. */
export type ClusterIdentity =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'known'; readonly id: string }
  | { readonly kind: 'disputed'; readonly ids: readonly string[] };

/** The cluster's identity as it is needed: where nobody said it, the log dirs are asked, once a round. */
export interface ClusterKnowledge {
  readonly seen: Survey<MaybeUnread>;
  identity: ClusterIdentity | undefined;
}

export const knowCluster = (seen: Survey<MaybeUnread>, clusterId: string | undefined): ClusterKnowledge => ({
  seen,
  identity: clusterId === undefined ? undefined : { kind: 'known', id: clusterId },
});

function* identify(cluster: ClusterKnowledge): Step<ClusterIdentity> {
  cluster.identity ??= yield* findClusterIdentity(cluster.seen);
  return cluster.identity;
}

const unfit = (why: string): Inspection => ({ fit: false, why });

export function* inspect(view: IdView, cluster: ClusterKnowledge): Step<Inspection> {
  const [logDir, second] = view.logDirs;
  if (logDir === undefined) return { fit: true, meta: undefined };
  if (second !== undefined) return unfit(`both ${logDir} and ${second} are log dirs of this id`);
  const entries = yield* list(logDir);
  if (!entries.ok) return unfit(`${logDir} can't be listed (${entries.errno})`);
  const [foreign] = foreignDirectories(entries.value);
  if (foreign !== undefined) {
    return unfit(`${logDir}/${foreign} is no partition, and Kafka would not start beside it: move it away`);
  }
  if (!entries.value.some((entry) => entry.name === 'meta.properties')) return { fit: true, meta: undefined };
  return yield* inspectMeta(view.id, logDir, cluster);
}

function* inspectMeta(id: number, logDir: string, cluster: ClusterKnowledge): Step<Inspection> {
  const path = metaFile(logDir);
  const text = yield* read(path);
  if (!text.ok) return unfit(`${path} can't be read (${text.errno})`);
  const meta = parseMetaProperties(text.value);
  if (!meta) return unfit(`${path} is torn or not one that this version knows`);
  if (meta.brokerId !== undefined && meta.brokerId !== id) {
    return unfit(`${path} says broker id ${meta.brokerId}, so this is the data of another broker`);
  }
  const { clusterId } = meta;
  if (clusterId === undefined) return { fit: true, meta };
  const identity = yield* identify(cluster);
  if (identity.kind === 'unknown') return { fit: true, meta };
  if (identity.kind === 'disputed') {
    return unfit(
      `${path} says cluster ${clusterId}, and others say ${identity.ids.join(', ')}: name the right --cluster-id`,
    );
  }
  if (sameClusterId(clusterId, identity.id)) return { fit: true, meta };
  return unfit(`${path} says cluster ${clusterId}, and this cluster is ${identity.id}`);
}

const metaFile = (logDir: string): string => `${logDir}/meta.properties`;

/** How many log dirs are asked which cluster they are of. */
const witnesses = 16;

/** The cluster id that more log dirs name than any other. Where nobody knows better, the odd one out is wrong. */
function* findClusterIdentity(seen: Survey<MaybeUnread>): Step<ClusterIdentity> {
  const counts: { id: string; count: number }[] = [];
  for (const logDir of seen.ids.flatMap((view) => view.logDirs).slice(0, witnesses)) {
    const text: Outcome<string> = yield* read(metaFile(logDir));
    const id = text.ok ? parseMetaProperties(text.value)?.clusterId : undefined;
    if (id === undefined) continue;
    const known = counts.find((entry) => sameClusterId(entry.id, id));
    if (known) known.count += 1;
    else counts.push({ id, count: 1 });
  }
  const [first, second] = counts.sort((a, b) => b.count - a.count);
  if (!first) return { kind: 'unknown' };
  if (first.count === second?.count) return { kind: 'disputed', ids: counts.map((entry) => entry.id) };
  return { kind: 'known', id: first.id };
}
