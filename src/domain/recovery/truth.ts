/**
 * How far each move is, by what the cluster says now and by nothing else: whoever asks, after whatever crash, gets the same.
 *
 * Moves in flight are to be listed before the look: one that ends between the two then still counts as in flight, and as
 * done at the next look. A broker's metadata may be a moment old, too: replicas that are before and after together are a move
 * that is just ending.
 */
import { nameOf, type KafkaView, type PartitionView, type Reassignment } from '../kafka-view.ts';
import type { PlannedMove, RecoveryPlan } from './plan.ts';
import { sameOrder, sameSet } from './words.ts';

export interface Truth {
  readonly view: KafkaView;
  readonly partitions: ReadonlyMap<string, PartitionView>;
  readonly flights: ReadonlyMap<string, Reassignment>;
}

export const truthOf = (view: KafkaView, flights: readonly Reassignment[]): Truth => ({
  view,
  partitions: new Map(view.partitions.map((partition) => [nameOf(partition), partition])),
  flights: new Map(flights.map((flight) => [nameOf(flight), flight])),
});

/**
 * `before` (as it was planned from) · `reordered` (those replicas in another order) · `going` (to the target) · `coming`
 * (back to how it was) · `after` · `others` (somebody else moves it) · `changed` (somebody has) · `gone` (topic or partition).
 */
export type Stand =
  | { readonly kind: 'before' | 'reordered' | 'going' | 'coming' | 'after' }
  | { readonly kind: 'others' | 'changed' | 'gone'; readonly why: string };

export function standOf(move: PlannedMove, truth: Truth, topicIds: RecoveryPlan['topicIds']): Stand {
  const { before, after } = move;
  const now = truth.partitions.get(nameOf(move));
  if (!now) return { kind: 'gone', why: 'it is not there any more' };
  const planned = topicIds[move.topic] ?? null;
  if (planned !== null && now.topicId !== null && now.topicId !== planned) {
    return { kind: 'gone', why: 'its topic was deleted and made anew' };
  }
  const flight = truth.flights.get(nameOf(move));
  if (flight) return standInFlight(move, flight);
  const { replicas } = now;
  if (sameOrder(replicas, after)) return { kind: 'after' };
  if (sameOrder(replicas, before)) return { kind: 'before' };
  if (sameSet(replicas, before)) return { kind: 'reordered' };
  if (sameOrder(replicas, union(before, after))) return { kind: 'coming' };
  if (sameSet(replicas, union(after, before))) return { kind: 'going' };
  return { kind: 'changed', why: `somebody gave it the replicas ${replicas.join(',')}` };
}

function standInFlight({ before, after }: PlannedMove, { replicas, removing }: Reassignment): Stand {
  const target = replicas.filter((id) => !removing.includes(id));
  if (sameOrder(target, after)) return { kind: 'going' };
  if (sameOrder(target, before)) return { kind: 'coming' };
  return { kind: 'others', why: `somebody moves it to ${target.join(',')}` };
}

const union = (first: readonly number[], second: readonly number[]): number[] => [...new Set([...first, ...second])];
