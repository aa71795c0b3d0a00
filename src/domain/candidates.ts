/** Which ids a starter tries, and in what order (design: the scan). Pure. */
import type { IdView, MaybeUnread, Survey } from './protocol/survey.ts';

export interface Cluster {
  /** The first of the cluster's ids. */
  readonly firstId: number;
  /** How many brokers the cluster has; undefined if nobody said, and then there is no cap. */
  readonly brokers: number | undefined;
  /** No new id is made: somebody knows how many brokers there are, and could not be asked. */
  readonly noNewIds?: boolean;
}

export interface Candidates<View extends MaybeUnread> {
  /** One's own id first, then every id of the cluster that exists, ascending; those that are seen to be held last. */
  readonly existing: readonly View[];
  /** Ids with a log dir that are not among the cluster's. */
  readonly beyondCap: readonly View[];
}

export const isInCluster = (id: number, { firstId, brokers }: Cluster): boolean =>
  id >= firstId && (brokers === undefined || id < firstId + brokers);

/** The range in words: `0 to 2`. */
export const describeCluster = ({ firstId, brokers }: Cluster): string =>
  brokers === undefined ? `${firstId} and above` : `${firstId} to ${firstId + brokers - 1}`;

const isOwn = (view: MaybeUnread, podUid: string | undefined): boolean =>
  podUid !== undefined && view.top.kind === 'record' && view.top.record.pod.uid === podUid;

/** 0 for an open claim of one's own, 1 for an ended one, 2 for any other, 3 for a held one: a rerun returns the same id. */
function rank(view: MaybeUnread, podUid: string | undefined): number {
  if (view.top.kind === 'unread') return 3;
  if (!isOwn(view, podUid)) return 2;
  return view.top.kind === 'record' && view.top.ended ? 1 : 0;
}

/** A claim that has not ended makes an id exist, even before its log dir does. */
const exists = (view: MaybeUnread): boolean =>
  view.logDirs.length > 0 ||
  view.top.kind === 'unread' ||
  view.top.kind === 'unreadable' ||
  (view.top.kind === 'record' && !view.top.ended);

export function orderCandidates<View extends MaybeUnread>(
  survey: Survey<View>,
  cluster: Cluster,
  podUid: string | undefined,
): Candidates<View> {
  const inCluster = survey.ids.filter((view) => isInCluster(view.id, cluster));
  const existing = inCluster
    .filter((view) => exists(view) || isOwn(view, podUid))
    .sort((a, b) => rank(a, podUid) - rank(b, podUid) || a.id - b.id);
  return { existing, beyondCap: survey.ids.filter((view) => exists(view) && !isInCluster(view.id, cluster)) };
}

/** The ids that nobody uses, ascending; without a cap it never ends. */
export function* unusedIds(survey: Survey<MaybeUnread>, cluster: Cluster): Generator<IdView, void, void> {
  if (cluster.noNewIds === true) return;
  const known = new Map(survey.ids.map((view) => [view.id, view]));
  for (let id = cluster.firstId; isInCluster(id, cluster); id += 1) {
    const { logDirs, top }: Omit<MaybeUnread, 'id'> = known.get(id) ?? { logDirs: [], top: { kind: 'none' } };
    if (top.kind !== 'unread' && !exists({ id, logDirs, top })) yield { id, logDirs, top };
  }
}
