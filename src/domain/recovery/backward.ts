/**
 * What it takes to go back to exactly how things were, partition by partition, where that is safe.
 *
 * Kafka's cancel takes away what was being added and leaves the rest in the order of the target: a lost broker that stood first
 * stands last then. So a cancelled move is put in order afterwards, which copies nothing and is done at once.
 * (Source: PartitionReassignmentRevert and, with ZooKeeper, ReplicaAssignment.originReplicas.)
 */
import { nameOf, type PartitionView } from '../kafka-view.ts';
import type { Left } from './forward.ts';
import type { PlannedMove, RecoveryPlan } from './plan.ts';
import { standOf, type Stand, type Truth } from './truth.ts';

export interface Backward {
  readonly cancel: readonly PlannedMove[];
  readonly reorder: readonly PlannedMove[];
  /** Done before: to be moved back, for OLD is in the cluster. */
  readonly moveBack: readonly PlannedMove[];
  readonly flying: readonly PlannedMove[];
  readonly original: readonly PlannedMove[];
  /** Done before, and no broker to go back to: these stay as planned, whole and in sync. */
  readonly kept: readonly PlannedMove[];
  readonly left: readonly Left[];
}

type Lists = { -readonly [K in keyof Backward]: Backward[K][number][] };

export function lookBackward({ moves, topicIds }: RecoveryPlan, truth: Truth): Backward {
  const lists: Lists = { cancel: [], reorder: [], moveBack: [], flying: [], original: [], kept: [], left: [] };
  for (const move of moves) sortIn(move, { stand: standOf(move, truth, topicIds), truth, lists });
  return lists;
}

interface Sorting {
  readonly stand: Stand;
  readonly truth: Truth;
  readonly lists: Lists;
}

function sortIn(move: PlannedMove, { stand, truth, lists }: Sorting): void {
  const now = truth.partitions.get(nameOf(move));
  switch (stand.kind) {
    case 'before':
      return void lists.original.push(move);
    case 'reordered':
      return void lists.reorder.push(move);
    case 'coming':
      return void lists.flying.push(move);
    case 'after':
      return void (goingBackIsSafe(move, truth) ? lists.moveBack : lists.kept).push(move);
    case 'going':
      // Not in the list of those in flight any more, it is just ending.
      if (!truth.flights.has(nameOf(move))) return void lists.flying.push(move);
      if (now && survivesCancel(move, now, truth)) return void lists.cancel.push(move);
      return void lists.left.push({
        move,
        whose: 'person',
        why: 'none of its old replicas is in sync: only finishing is safe',
      });
    case 'others':
      return void lists.left.push({ move, whose: 'others', why: stand.why });
    default:
      return void lists.left.push({ move, whose: 'nobody', why: stand.why });
  }
}

/** Every broker that it is to go back to must be there to copy to. */
const goingBackIsSafe = ({ before, after }: PlannedMove, { view }: Truth): boolean =>
  before.filter((id) => !after.includes(id)).every((id) => view.brokers.includes(id));

/** Else it would have no leader afterwards. */
const survivesCancel = ({ before }: PlannedMove, { isr }: PartitionView, { view }: Truth): boolean =>
  isr.some((id) => before.includes(id) && view.brokers.includes(id));

/** The same move the other way round. */
export const reversed = (move: PlannedMove): PlannedMove => ({ ...move, before: move.after, after: move.before });
