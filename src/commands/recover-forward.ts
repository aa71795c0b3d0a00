/**
 * Carries a plan out, from wherever it is:
 *
 *  1. look: what is done, in flight, still to do, and in other hands
 *  2. put the throttle on what is to go (the journal first)
 *  3. begin as much as the caps allow
 *  4. tell how far it is; back to 1 until nothing is left to do, and all that came is in sync
 *
 * Nothing is remembered between rounds but what the journal has: stopped anywhere, it goes on from 1.
 */
import { meaningOf, wordsOf } from '../domain/election/answers.ts';
import { nameOf } from '../domain/kafka-view.ts';
import { nextBatch } from '../domain/recovery/batch.ts';
import { lookForward, type Forward, type Left } from '../domain/recovery/forward.ts';
import { comingOf, type PlannedMove } from '../domain/recovery/plan.ts';
import type { Truth } from '../domain/recovery/truth.ts';
import { throttlerOf } from './recover-throttle.ts';
import { offerWayBack } from './recover-return.ts';
import { lookAround, patiently, throwIfStopped, type Recovery, type Sighted } from './recover-surroundings.ts';
import { watcherOf } from './recover-watch.ts';

export interface Forwarded {
  readonly kind: 'done';
  readonly sighted: Sighted;
  readonly done: readonly PlannedMove[];
  readonly left: readonly Left[];
}

/** `back`: somebody at the terminal chose to go back. */
export async function moveForward(recovery: Recovery): Promise<Forwarded | { readonly kind: 'back' }> {
  const { journal, kafka, settings, world } = recovery;
  const { plan, caps } = journal.now();
  const refused = new Map<string, string>();
  const watch = watcherOf(recovery);
  const throttled = throttlerOf(recovery);
  const returned = offerWayBack(recovery);
  // Brokers that take moves through a znode alone take one set, and the next only when that is done.
  let oneAtATime = settings.zookeeper !== undefined;
  for (;;) {
    throwIfStopped(world);
    const sighted = await lookAround(kafka, world);
    const forward = withRefused(lookForward(plan, sighted.truth), refused);
    if ((await returned(sighted.view, forward)) === 'back') return { kind: 'back' };
    const { done, busy } = splitDone(forward, sighted.truth);
    if (forward.waiting.length + busy.length === 0) return { kind: 'done', sighted, done, left: forward.left };
    const live = sighted.view.brokers;
    const ready = forward.waiting.filter((move) => comingOf(move).every((id) => live.includes(id)));
    const mayBegin = !oneAtATime || forward.flying.length === 0;
    const batch: readonly PlannedMove[] = mayBegin ? nextBatch(ready, forward.flying, caps) : [];
    const isCopied = batch.length + forward.flying.length > 0;
    if (isCopied && !(await throttled([...forward.flying, ...forward.waiting], live))) continue;
    if (batch.length > 0) oneAtATime = (await begin(recovery, batch, refused)) === 'asked';
    const waiting = forward.waiting.filter((move) => !batch.includes(move));
    await watch({ sighted, done, flying: [...busy, ...batch], waiting, begun: batch.length });
  }
}

/** What has come in once, but is not in sync, is waited for. */
function splitDone({ done, flying }: Forward, truth: Truth): { done: PlannedMove[]; busy: PlannedMove[] } {
  const late = done.filter((move) => !isInSync(move, truth));
  return { done: done.filter((move) => !late.includes(move)), busy: [...flying, ...late] };
}

/** What Kafka does not accept is set apart for this run, and the rest goes on. */
function withRefused(forward: Forward, refused: ReadonlyMap<string, string>): Forward {
  const waiting = forward.waiting.filter((move) => !refused.has(nameOf(move)));
  const left = forward.waiting
    .filter((move) => refused.has(nameOf(move)))
    .map((move): Left => ({ move, whose: 'person', why: refused.get(nameOf(move)) ?? '' }));
  return { ...forward, waiting, left: [...forward.left, ...left] };
}

/** Of one that the cluster has no leader for, nothing more can be waited for. */
function isInSync(move: PlannedMove, { partitions }: Truth): boolean {
  const now = partitions.get(nameOf(move));
  return !now || now.leader < 0 || comingOf(move).every((id) => now.isr.includes(id));
}

async function begin(
  { kafka, world }: Recovery,
  batch: readonly PlannedMove[],
  refused: Map<string, string>,
): Promise<'asked' | 'answered'> {
  const moves = batch.map(({ topic, partition, after }) => ({ topic, partition, replicas: after }));
  const answers = await patiently(world, () => kafka.reassign(moves));
  if (answers === 'asked') return 'asked';
  for (const answer of answers) {
    const { problem } = answer;
    if (problem && meaningOf(problem) === 'never') refused.set(nameOf(answer), `Kafka refuses: ${wordsOf(problem)}`);
  }
  return 'answered';
}
