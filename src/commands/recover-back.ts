/**
 * Goes back to exactly how things were, from wherever it is:
 *
 *  1. look: what is in flight, what was done, what is as it was
 *  2. cancel what is in flight, where that leaves a leader
 *  3. put in order what a cancel left in another order
 *  4. move back what was done, where the lost broker lives again: throttled, as much at a time as the caps allow
 *  5. back to 1, until two looks in a row find nothing to do
 */
import { meaningOf, wordsOf } from '../domain/election/answers.ts';
import { nameOf } from '../domain/kafka-view.ts';
import { lookBackward, reversed, type Backward } from '../domain/recovery/backward.ts';
import { nextBatch } from '../domain/recovery/batch.ts';
import type { Left } from '../domain/recovery/forward.ts';
import type { PlannedMove } from '../domain/recovery/plan.ts';
import { throttlerOf } from './recover-throttle.ts';
import { lookAround, patiently, throwIfStopped, type Recovery, type Sighted } from './recover-surroundings.ts';
import { watcherOf } from './recover-watch.ts';

export interface WentBack {
  readonly sighted: Sighted;
  readonly original: readonly PlannedMove[];
  readonly kept: readonly PlannedMove[];
  readonly left: readonly Left[];
}

/** A request of more may be refused as a whole: KRaft's controller writes 10,000 records at most at once. */
const atOnce = 1000;

export async function moveBackward(recovery: Recovery): Promise<WentBack> {
  const { journal, kafka, world } = recovery;
  const { plan, caps } = journal.now();
  const refused = new Map<string, string>();
  const watch = watcherOf(recovery);
  const throttled = throttlerOf(recovery);
  let calm = false;
  for (;;) {
    throwIfStopped(world);
    const sighted = await lookAround(kafka, world);
    const back = withRefused(lookBackward(plan, sighted.truth), refused);
    const { cancel, reorder, moveBack, flying, original, kept, left } = back;
    const wasCalm = calm;
    calm = cancel.length + reorder.length + moveBack.length + flying.length === 0;
    if (calm && wasCalm) return { sighted, original, kept, left };
    await tell(recovery, { moves: cancel.slice(0, atOnce), to: 'cancelled' }, refused);
    await tell(recovery, { moves: reorder.slice(0, atOnce), to: 'before' }, refused);
    const returning = flying.map(reversed);
    const batch = nextBatch(moveBack, flying, caps);
    if (batch.length + returning.length > 0) {
      const moves = [...returning, ...moveBack.map(reversed)];
      if (!(await throttled(moves, sighted.view.brokers))) continue;
      await tell(recovery, { moves: batch, to: 'before' }, refused);
    }
    await watch({
      sighted,
      done: [...original, ...kept],
      flying: [...returning, ...batch.map(reversed)],
      waiting: [...cancel, ...reorder, ...moveBack.filter((move) => !batch.includes(move))].map(reversed),
      begun: batch.length,
    });
  }
}

function withRefused(back: Backward, refused: ReadonlyMap<string, string>): Backward {
  const isRefused = (move: PlannedMove): boolean => refused.has(nameOf(move));
  const willing = (moves: readonly PlannedMove[]): PlannedMove[] => moves.filter((move) => !isRefused(move));
  const left = [...back.cancel, ...back.reorder, ...back.moveBack].filter(isRefused);
  return {
    ...back,
    ...{ cancel: willing(back.cancel), reorder: willing(back.reorder), moveBack: willing(back.moveBack) },
    left: [
      ...back.left,
      ...left.map((move): Left => ({ move, whose: 'person', why: refused.get(nameOf(move)) ?? '' })),
    ],
  };
}

interface Order {
  readonly moves: readonly PlannedMove[];
  readonly to: 'before' | 'cancelled';
}

/** There being nothing to cancel any more: the next look shows what became of it. */
const nothingInFlight = 85;

async function tell({ kafka, world }: Recovery, { moves, to }: Order, refused: Map<string, string>): Promise<void> {
  if (moves.length === 0) return;
  const orders = moves.map(({ topic, partition, before }) => ({
    ...{ topic, partition, replicas: to === 'cancelled' ? null : before },
  }));
  const answers = await patiently(world, () => kafka.reassign(orders));
  if (answers === 'asked') return;
  for (const answer of answers) {
    const { problem } = answer;
    if (!problem || problem.code === nothingInFlight || meaningOf(problem) !== 'never') continue;
    refused.set(nameOf(answer), `Kafka refuses to go back: ${wordsOf(problem)}`);
  }
}
