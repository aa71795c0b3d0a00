/**
 * The course of an election: what was seen and asked so far, and what to do next.
 *
 * A partition is asked for when its preferred replica is in sync, and has been for a while if it was seen out of sync; no
 * more at a time than each broker takes; and not while the number of under-replicated partitions grows. What was asked for
 * counts as on its way until a look shows the new leader: one broker's word may be a moment old.
 */
import { nameOf, type PartitionName, type PartitionView } from '../kafka-view.ts';
import { meaningOf, wordsOf, type Problem } from './answers.ts';
import type { Left } from './counts.ts';
import { preferredOf, type Place, type Standing, type Stock } from './standing.ts';

export interface Rules {
  /** How many partitions a broker gets at a time. */
  readonly perBroker: number;
  /** How long a replica must have been in sync that was seen out of sync. */
  readonly inSyncForMs: number;
  /** When waiting ends; of the clock of {@link observe}. */
  readonly untilMs: number;
}

export interface Course {
  /** When each was last seen unable to lead; by name. */
  readonly unready: ReadonlyMap<string, number>;
  readonly asked: ReadonlyMap<string, Asked>;
  readonly strain: Strain;
}

interface Asked {
  /** Until then it is on its way. */
  readonly untilMs: number;
  /** How often it was said to be done. */
  readonly times: number;
  /** Of the last answer. */
  readonly problem: string | undefined;
  readonly never: boolean;
}

/** Of the cluster, in under-replicated partitions. */
interface Strain {
  readonly now: number;
  /** With no more than this many, elections go on. */
  readonly allowed: number;
  readonly grewMs: number;
}

export type Step =
  | { readonly kind: 'elect'; readonly wave: readonly PartitionView[] }
  | { readonly kind: 'wait'; readonly forMs: number; readonly why: string | undefined }
  | { readonly kind: 'end'; readonly waiting: readonly Left[]; readonly cannot: readonly Left[] };

export interface Answer extends PartitionName {
  readonly problem: Problem | null;
}

/** A request of more partitions may be refused as a whole: KRaft's controller writes 10,000 records at most at once. */
const waveAtMost = 5000;
const timesAtMost = 3;
const answeredMs = 5000;
/** By a znode: the controller takes them one by one, and tells nothing. */
const unansweredMs = 30_000;
const againMs = 1000;
/** While something is on its way. */
const shortMs = 100;
const longMs = 1000;

export const newCourse: Course = {
  unready: new Map(),
  asked: new Map(),
  strain: { now: 0, allowed: Infinity, grewMs: -Infinity },
};

/** With what a look shows. */
export function observe(course: Course, stock: Stock, { rules, nowMs }: When): Course {
  const unready = new Map(course.unready);
  for (const { partition, standing } of stock.places) {
    if (standing.kind === 'waits' || standing.kind === 'cannot') unready.set(nameOf(partition), nowMs);
  }
  return { ...course, unready, strain: feel(course.strain, stock.underReplicated, { rules, nowMs }) };
}

export interface When {
  readonly rules: Rules;
  readonly nowMs: number;
}

/** What has not grown for a while is how the cluster is: a broker that is down must not hold up the rest for ever. */
function feel(strain: Strain, now: number, { rules, nowMs }: When): Strain {
  const grewMs = now > strain.now && now > strain.allowed ? nowMs : strain.grewMs;
  const isSteady = nowMs - grewMs >= rules.inSyncForMs;
  return { now, grewMs, allowed: isSteady ? now : Math.min(strain.allowed, now) };
}

export function noteAnswers(
  course: Course,
  wave: readonly PartitionName[],
  { answers, nowMs }: { readonly answers: readonly Answer[] | 'asked'; readonly nowMs: number },
): Course {
  const asked = new Map(course.asked);
  const told = answers === 'asked' ? undefined : new Map(answers.map((answer) => [nameOf(answer), answer.problem]));
  for (const one of wave) {
    const name = nameOf(one);
    const times = (course.asked.get(name)?.times ?? 0) + 1;
    if (!told) asked.set(name, { untilMs: nowMs + unansweredMs, times, problem: undefined, never: false });
    else asked.set(name, judge(told.get(name), { times, nowMs }));
  }
  return { ...course, asked };
}

/** Undefined: the answer leaves it out. */
function judge(problem: Problem | null | undefined, { times, nowMs }: { times: number; nowMs: number }): Asked {
  if (problem === undefined) return { untilMs: nowMs + againMs, times, problem: 'no answer', never: false };
  const meaning = meaningOf(problem);
  if (meaning === 'done' || !problem) return { untilMs: nowMs + answeredMs, times, problem: undefined, never: false };
  const untilMs = nowMs + againMs;
  return { untilMs, times: times - 1, problem: wordsOf(problem), never: meaning === 'never' };
}

/** Those that can be asked for now, that are on their way, that can or will not be, and those to wait for. */
interface Sorted {
  readonly ready: PartitionView[];
  readonly underway: PartitionView[];
  readonly waiting: Left[];
  readonly cannot: Left[];
}

export function nextStep(course: Course, { places }: Stock, when: When): Step {
  const { rules, nowMs } = when;
  const { ready, underway, waiting, cannot } = sort(course, places, when);
  const { now, allowed } = course.strain;
  const isLate = nowMs >= rules.untilMs;
  if (now > allowed && ready.length > 0) {
    const why = `under-replicated partitions grew from ${allowed} to ${now}`;
    if (!isLate) return { kind: 'wait', forMs: longMs, why: `paused: ${why}` };
    waiting.push(...ready.map(({ topic, partition }) => ({ topic, partition, why })));
    ready.length = 0;
  }
  const wave = pick(ready, underway, rules.perBroker);
  if (wave.length > 0) return { kind: 'elect', wave };
  if (underway.length > 0) return { kind: 'wait', forMs: shortMs, why: undefined };
  if (waiting.length > 0 && !isLate) return { kind: 'wait', forMs: longMs, why: waitingFor(waiting) };
  return { kind: 'end', waiting, cannot };
}

/** What a plan shows before anything is asked for: the next step's partitions, whatever wave they would be in. */
export const foresee = (course: Course, { places }: Stock, when: When): Omit<Sorted, 'underway'> =>
  sort(course, places, when);

function sort(course: Course, places: readonly Place[], when: When): Sorted {
  const sorted: Sorted = { ready: [], underway: [], waiting: [], cannot: [] };
  for (const { partition, standing } of places) {
    if (standing.kind === 'led') continue;
    const { as, why } =
      standing.kind === 'ready' ? whetherNow(course, partition, when) : asItStands(course, partition, standing);
    if (as === 'ready' || as === 'underway') sorted[as].push(partition);
    else sorted[as].push({ topic: partition.topic, partition: partition.partition, why });
  }
  return sorted;
}

interface Sort {
  readonly as: keyof Sorted;
  readonly why: string;
}

function asItStands({ asked }: Course, partition: PartitionView, { kind, why }: Unready): Sort {
  const refused = asked.get(nameOf(partition));
  if (kind === 'waits' && refused?.never === true) return { as: 'cannot', why: refused.problem ?? why };
  return { as: kind === 'waits' ? 'waiting' : 'cannot', why };
}

type Unready = Extract<Standing, { readonly why: string }>;

/** Of one that is in sync. */
function whetherNow(course: Course, partition: PartitionView, { rules, nowMs }: When): Sort {
  const name = nameOf(partition);
  const asked = course.asked.get(name);
  if (asked) {
    if (asked.never) return { as: 'cannot', why: asked.problem ?? '' };
    if (nowMs < asked.untilMs) return { as: 'underway', why: '' };
    if (asked.times >= timesAtMost) return { as: 'cannot', why: inVain(partition) };
    if (nowMs >= rules.untilMs) return { as: 'waiting', why: asked.problem ?? 'asked for, and not led yet' };
  }
  const inSyncMs = nowMs - (course.unready.get(name) ?? -Infinity);
  if (inSyncMs >= rules.inSyncForMs) return { as: 'ready', why: '' };
  return { as: 'waiting', why: `the replica on broker ${preferredOf(partition)} has just come in sync` };
}

const inVain = ({ leader }: PartitionView): string =>
  `was elected ${timesAtMost} times, and is led by broker ${leader} all the same`;

/** As they come, no broker getting more than its share while others of its are on their way. */
function pick(ready: readonly PartitionView[], underway: readonly PartitionView[], perBroker: number): PartitionView[] {
  const busy = new Map<number, number>();
  const take = (id: number): number => {
    const count = (busy.get(id) ?? 0) + 1;
    busy.set(id, count);
    return count;
  };
  for (const partition of underway) take(preferredOf(partition));
  const room = Math.max(0, waveAtMost - underway.length);
  const wave: PartitionView[] = [];
  for (const partition of ready) {
    if (wave.length >= room) break;
    if ((busy.get(preferredOf(partition)) ?? 0) < perBroker) {
      take(preferredOf(partition));
      wave.push(partition);
    }
  }
  return wave;
}

function waitingFor(waiting: readonly Left[]): string {
  const [first] = waiting;
  if (!first) return '';
  const rest = waiting.length === 1 ? '' : ` and ${waiting.length - 1} more`;
  return `${nameOf(first)}${rest}: ${first.why}`;
}
