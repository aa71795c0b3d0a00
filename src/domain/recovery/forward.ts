/** What is left to do to finish a plan. */
import { nameOf } from '../kafka-view.ts';
import type { PlannedMove, RecoveryPlan } from './plan.ts';
import { standOf, type Truth } from './truth.ts';

export interface Left {
  readonly move: PlannedMove;
  /**
   * `others`: it is in other hands, and may be done later. `person`: somebody must look. `nobody`: it is not what was planned
   * for any more, and no concern of this plan.
   */
  readonly whose: 'others' | 'person' | 'nobody';
  readonly why: string;
}

export interface Forward {
  readonly waiting: readonly PlannedMove[];
  /** Ours, or somebody's with the same target: waited for, not begun again. */
  readonly flying: readonly PlannedMove[];
  readonly done: readonly PlannedMove[];
  readonly left: readonly Left[];
}

export function lookForward({ moves, topicIds }: RecoveryPlan, truth: Truth): Forward {
  const forward = { waiting: [], flying: [], done: [], left: [] } as {
    -readonly [K in keyof Forward]: Forward[K][number][];
  };
  for (const move of moves) {
    const stand = standOf(move, truth, topicIds);
    if ('why' in stand)
      forward.left.push({ move, whose: stand.kind === 'others' ? 'others' : 'nobody', why: stand.why });
    else if (stand.kind === 'after') forward.done.push(move);
    else if (stand.kind === 'going') forward.flying.push(move);
    else if (stand.kind === 'coming') forward.left.push({ move, whose: 'others', why: 'it is being moved back' });
    else wait(move, truth, forward);
  }
  return forward;
}

/** One that lost its leader since the plan can't be copied from anybody. */
function wait(move: PlannedMove, truth: Truth, forward: { waiting: PlannedMove[]; left: Left[] }): void {
  const leader = truth.partitions.get(nameOf(move))?.leader ?? -1;
  if (leader >= 0) forward.waiting.push(move);
  else forward.left.push({ move, whose: 'person', why: 'it has no leader: nobody to copy from' });
}
