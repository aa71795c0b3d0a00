/** Where a partition stands on the way to being led by its preferred replica, the first in its list. */
import type { KafkaView, PartitionView } from '../kafka-view.ts';
import type { Chosen } from './topics.ts';

export type Standing =
  | { readonly kind: 'led' }
  /** Its preferred replica can be elected. */
  | { readonly kind: 'ready' }
  /** It will be ready without anybody's help. */
  | { readonly kind: 'waits'; readonly why: string }
  | { readonly kind: 'cannot'; readonly why: string };

export interface Place {
  readonly partition: PartitionView;
  readonly standing: Standing;
}

/** What one look shows. */
export interface Stock {
  readonly places: readonly Place[];
  /** Of the whole cluster: partitions with fewer replicas in sync than they should have. */
  readonly underReplicated: number;
}

export function takeStock({ brokers, partitions }: KafkaView, isChosen: Chosen): Stock {
  const live = new Set(brokers);
  return {
    places: partitions.filter(isChosen).map((partition) => ({ partition, standing: standingOf(partition, live) })),
    underReplicated: partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length,
  };
}

export const preferredOf = ({ replicas }: PartitionView): number => replicas[0] ?? -1;

export function standingOf(partition: PartitionView, live: ReadonlySet<number>): Standing {
  const { leader, isr } = partition;
  const preferred = preferredOf(partition);
  if (leader < 0) return withoutLeader(partition, live);
  if (leader === preferred) return { kind: 'led' };
  if (!live.has(preferred)) return { kind: 'cannot', why: `broker ${preferred} is down` };
  if (!isr.includes(preferred)) return { kind: 'waits', why: `the replica on broker ${preferred} is not in sync` };
  return { kind: 'ready' };
}

/** One that was in sync and lives will be elected by the controller itself. */
function withoutLeader({ isr }: PartitionView, live: ReadonlySet<number>): Standing {
  if (isr.some((id) => live.has(id))) return { kind: 'waits', why: 'it has no leader yet' };
  const who = isr.length === 0 ? 'no replica is known to be in sync' : `broker ${isr.join(', ')} has its last messages`;
  return { kind: 'cannot', why: `no leader: ${who}${isr.length === 0 ? '' : ' and is down'}` };
}

/** Without a leader for good, unless a broker returns: but one lives that could lead with what it has. */
export function losable({ brokers, partitions }: KafkaView, isChosen: Chosen): PartitionView[] {
  const live = new Set(brokers);
  return partitions.filter(
    (partition) =>
      isChosen(partition) &&
      partition.leader < 0 &&
      standingOf(partition, live).kind === 'cannot' &&
      partition.replicas.some((id) => live.has(id)),
  );
}

/** Of a broker: whether all its replicas are in sync, but those that nobody leads. */
export const isInSync = ({ brokers, partitions }: KafkaView, brokerId: number): boolean =>
  brokers.includes(brokerId) &&
  partitions.every(({ leader, replicas, isr }) => leader < 0 || !replicas.includes(brokerId) || isr.includes(brokerId));
