/** How far a recovery is, how fast it goes, how long it will take, and whether it stands still. */
import { nameOf } from '../kafka-view.ts';
import type { PlannedMove } from './plan.ts';
import { comingOf } from './plan.ts';
import type { Sizes } from './sizes.ts';
import type { Truth } from './truth.ts';
import { bytesInWords, durationInWords } from './words.ts';

export interface Copied {
  readonly bytes: number;
  readonly of: number;
}

/** Of one move in flight: what the brokers that come have, against what the leader has. Undefined where nobody tells. */
export function copiedOf(move: PlannedMove, truth: Truth, sizes: Sizes): Copied | undefined {
  const name = nameOf(move);
  const leader = truth.partitions.get(name)?.leader ?? -1;
  const whole = sizes.get(leader)?.get(name);
  if (whole === undefined) return undefined;
  const coming = comingOf(move);
  const bytes = coming.reduce((sum, id) => sum + Math.min(whole, sizes.get(id)?.get(name) ?? 0), 0);
  return { bytes, of: whole * coming.length };
}

/** At one moment. */
export interface Progress {
  readonly atMs: number;
  readonly done: number;
  readonly moves: number;
  /** Copied so far, and in all; null where sizes are not known. */
  readonly bytes: Copied | null;
}

export interface Counted {
  readonly done: readonly PlannedMove[];
  readonly flying: readonly PlannedMove[];
  readonly waiting: readonly PlannedMove[];
}

export function progressOf({ done, flying, waiting }: Counted, truth: Truth, sizes: Sizes): Omit<Progress, 'atMs'> {
  const parts = [
    ...done.map((move) => plannedOf(move, 'copied')),
    ...flying.map((move) => copiedOf(move, truth, sizes) ?? plannedOf(move, 'to copy')),
    ...waiting.map((move) => plannedOf(move, 'to copy')),
  ];
  return { done: done.length, moves: parts.length, bytes: sumOf(parts) };
}

function plannedOf(move: PlannedMove, state: 'copied' | 'to copy'): Copied | null {
  if (move.bytes === null) return null;
  const of = move.bytes * comingOf(move).length;
  return { bytes: state === 'copied' ? of : 0, of };
}

/** Null where any is not known. */
function sumOf(parts: readonly (Copied | null)[]): Copied | null {
  const known = parts.filter((part) => part !== null);
  if (known.length < parts.length) return null;
  return known.reduce((sum, part) => ({ bytes: sum.bytes + part.bytes, of: sum.of + part.of }), { bytes: 0, of: 0 });
}

/** The last half minute counts for the rate. */
const windowMs = 30_000;

export interface Pace {
  readonly now: Progress;
  /** Bytes a second; null while that can't be said. */
  readonly rate: number | null;
  readonly secondsLeft: number | null;
  /** How long nothing has moved. */
  readonly stillMs: number;
}

export interface Course {
  readonly samples: readonly Progress[];
  readonly lastMovedMs: number;
}

export function followCourse(course: Course | undefined, now: Progress): Course {
  if (!course) return { samples: [now], lastMovedMs: now.atMs };
  const last = course.samples.at(-1);
  const moved = last?.done !== now.done || last.bytes?.bytes !== now.bytes?.bytes;
  const samples = [...course.samples, now].filter(({ atMs }) => atMs >= now.atMs - windowMs);
  return { samples, lastMovedMs: moved ? now.atMs : course.lastMovedMs };
}

export function paceOf({ samples, lastMovedMs }: Course): Pace | undefined {
  const now = samples.at(-1);
  const first = samples[0];
  if (!now || !first) return undefined;
  const elapsedMs = now.atMs - first.atMs;
  const copied = now.bytes && first.bytes ? now.bytes.bytes - first.bytes.bytes : null;
  const rate = copied === null || elapsedMs < 1000 ? null : Math.max(0, (copied * 1000) / elapsedMs);
  const left = now.bytes ? Math.max(0, now.bytes.of - now.bytes.bytes) : null;
  const secondsLeft = rate === null || left === null || rate === 0 ? null : left / rate;
  return { now, rate, secondsLeft, stillMs: now.atMs - lastMovedMs };
}

/** Such as `12 of 40 partitions, 1.2 GB of 4.0 GB, 50.1 MB/s, 56 s left`. */
export function describePace({ now, rate, secondsLeft }: Pace): string {
  const bytes = now.bytes && `${bytesInWords(now.bytes.bytes)} of ${bytesInWords(now.bytes.of)}`;
  return [
    `${now.done} of ${now.moves} partitions`,
    bytes,
    rate === null ? null : `${bytesInWords(rate)}/s`,
    secondsLeft === null ? null : `${durationInWords(secondsLeft)} left`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

/** Between 0 and 1: by bytes where they are known. */
export const fractionOf = ({ done, moves, bytes }: Progress): number =>
  bytes && bytes.of > 0 ? bytes.bytes / bytes.of : moves === 0 ? 1 : done / moves;
