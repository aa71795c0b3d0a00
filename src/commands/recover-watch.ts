/** Tells how far a recovery is: a bar for who watches a terminal, lines elsewhere; says when it stands still, and gives up in the end. */
import { adviceOn } from '../domain/recovery/advice.ts';
import { rateOf } from '../domain/recovery/journal.ts';
import { comingOf } from '../domain/recovery/plan.ts';
import {
  describePace,
  followCourse,
  fractionOf,
  paceOf,
  progressOf,
  type Counted,
  type Course,
  type Pace,
} from '../domain/recovery/progress.ts';
import { sizesOf } from '../domain/recovery/sizes.ts';
import { nameOf } from '../domain/kafka-view.ts';
import { BarnabasError } from '../errors.ts';
import { readLogDirs, type Recovery, type Sighted } from './recover-surroundings.ts';

export interface Round extends Counted {
  readonly sighted: Sighted;
  /** Of those in flight, in this round. */
  readonly begun: number;
}

const pollMs = 1000;
const lineMs = 10_000;
const stillMs = 30_000;

/** Called once a round: waits a while, longer where a look takes long. */
export function watcherOf({ kafka, journal, settings, world }: Recovery): (round: Round) => Promise<void> {
  const { clock, log, progress, signal } = world;
  let course: Course | undefined;
  let toldMs = -Infinity;
  let warned = false;
  const warn = (still: number, advice: string): void => {
    if (still < stillMs) warned = false;
    else if (!warned) {
      log.warn('nothing moves', { forS: Math.round(still / 1000), advice });
      warned = true;
    }
  };
  const show = (pace: Pace): void => {
    if (progress.watched) progress.show(`${barOf(pace)} ${describePace(pace)}`);
    else if (pace.now.atMs - toldMs >= lineMs) {
      log.info('progress', fieldsOf(pace));
      toldMs = pace.now.atMs;
    }
  };
  return async (round) => {
    const { sighted, flying, waiting, begun } = round;
    const fromMs = clock.nowMs();
    const asked = new Set(flying.flatMap((move) => [...comingOf(move), leaderOf(move, sighted)]));
    const { logDirs } = await readLogDirs(
      kafka,
      sighted.view.brokers.filter((id) => asked.has(id)),
    );
    const atMs = clock.nowMs();
    course = followCourse(course, { ...progressOf(round, sighted.truth, sizesOf(logDirs)), atMs });
    if (begun > 0) {
      course = { ...course, lastMovedMs: atMs };
      log.info('copying', { partitions: begun, waiting: waiting.length });
    }
    const pace = paceOf(course);
    if (pace) show(pace);
    const rate = rateOf(journal.now());
    const advice = adviceOn({ flying: [...flying, ...waiting], truth: sighted.truth, rate });
    const still = pace?.stillMs ?? 0;
    if (still >= settings.wait) throw standsStill(still, advice);
    warn(still, advice);
    await clock.pause(Math.max(pollMs, 2 * (atMs - fromMs)), signal);
  };
}

const leaderOf = (move: Parameters<typeof nameOf>[0], { truth }: Sighted): number =>
  truth.partitions.get(nameOf(move))?.leader ?? -1;

const fieldsOf = ({ now, rate, secondsLeft }: Pace) => ({
  partitions: `${now.done}/${now.moves}`,
  bytes: now.bytes?.bytes,
  of: now.bytes?.of,
  bytesPerS: rate === null ? undefined : Math.round(rate),
  leftS: secondsLeft === null ? undefined : Math.ceil(secondsLeft),
});

const barWidth = 24;

function barOf({ now }: Pace): string {
  const full = Math.floor(fractionOf(now) * barWidth);
  return `[${'█'.repeat(full)}${'·'.repeat(barWidth - full)}]`;
}

function standsStill(still: number, advice: string): BarnabasError {
  const hint = `${advice}. What is in flight goes on, under the throttle: \`resume\` waits for it again, \`abort\` goes back`;
  return new BarnabasError('wait-deadline', `the recovery stands still for ${Math.round(still / 1000)} s: ${hint}`);
}
