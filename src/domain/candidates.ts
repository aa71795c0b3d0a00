/** Which ids a starter tries, and in what order (design: the scan). Pure. */
import type { Survey, IdView } from './protocol/survey.ts';

export interface Cluster {
  /** The first of the cluster's ids. */
  readonly firstId: number;
  /** How many brokers the cluster has; undefined if nobody said, and then there is no cap. */
  readonly brokers: number | undefined;
}

export interface Candidates {
  /** One's own id first, then every id of the cluster that has a log dir, ascending. */
  readonly existing: readonly IdView[];
  /** Ids with a log dir that are not among the cluster's. */
  readonly beyondCap: readonly IdView[];
}

export const isInCluster = (id: number, { firstId, brokers }: Cluster): boolean =>
  id >= firstId && (brokers === undefined || id < firstId + brokers);

/** The range in words: `0 to 2`. */
export const describeCluster = ({ firstId, brokers }: Cluster): string =>
  brokers === undefined ? `${firstId} and above` : `${firstId} to ${firstId + brokers - 1}`;

const isOwn = (view: IdView, podUid: string | undefined): boolean =>
  podUid !== undefined && view.top.kind === 'record' && view.top.record.pod.uid === podUid;

/** 0 for an open claim of one's own, 1 for an ended one, 2 for any other id: a rerun returns the same id. */
function rank(view: IdView, podUid: string | undefined): number {
  if (!isOwn(view, podUid)) return 2;
  return view.top.kind === 'record' && view.top.ended ? 1 : 0;
}

/** A claim that has not ended makes an id exist, even before its log dir does. */
const exists = (view: IdView): boolean =>
  view.logDirs.length > 0 || view.top.kind === 'unreadable' || (view.top.kind === 'record' && !view.top.ended);

export function orderCandidates(survey: Survey, cluster: Cluster, podUid: string | undefined): Candidates {
  const inCluster = survey.ids.filter((view) => isInCluster(view.id, cluster));
  const existing = inCluster
    .filter((view) => exists(view) || isOwn(view, podUid))
    .sort((a, b) => rank(a, podUid) - rank(b, podUid) || a.id - b.id);
  return { existing, beyondCap: survey.ids.filter((view) => exists(view) && !isInCluster(view.id, cluster)) };
}

/** The ids that nobody uses, ascending; without a cap it never ends. */
export function* unusedIds(survey: Survey, cluster: Cluster): Generator<IdView, void, void> {
  const known = new Map(survey.ids.map((view) => [view.id, view]));
  for (let id = cluster.firstId; isInCluster(id, cluster); id += 1) {
    const view = known.get(id) ?? { id, logDirs: [], top: { kind: 'none' } };
    if (!exists(view)) yield view;
  }
}
