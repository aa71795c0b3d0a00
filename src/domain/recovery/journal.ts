/**
 * What a recovery must remember to end well whatever happens to it: its plan, which way it goes, and how the throttle's settings
 * were before it touched them. How far it is, the cluster tells. It is written before what it tells of is done.
 */
import type { Caps } from './batch.ts';
import type { RecoveryPlan } from './plan.ts';
import { describeReplacements } from './replacement.ts';
import type { Values, ValuesOf } from './throttle.ts';

export const journalFormat = 1;

/** `moving` and `aborting` are unfinished. */
export type Phase = 'moving' | 'done' | 'aborting' | 'aborted';

export interface Journal {
  readonly format: typeof journalFormat;
  readonly phase: Phase;
  /** Of the plan's file. */
  readonly hash: string;
  readonly plan: RecoveryPlan;
  /** For people only. */
  readonly startedAt: string;
  /** How often a command has taken it up: so that no two writes of two commands are the same. */
  readonly runs: number;
  /** Lost ids that lived at the beginning, by somebody's will: that they live is no news. */
  readonly livingOlds: readonly number[];
  readonly caps: Caps;
  readonly throttle: Throttling | null;
}

export interface Throttling {
  /** Bytes a second; the last one is in force. */
  readonly rates: readonly number[];
  /** Of each resource before its first change. */
  readonly earlier: ValuesOf;
}

export interface Opening {
  readonly plan: RecoveryPlan;
  readonly hash: string;
  readonly startedAt: string;
  readonly rate: number | undefined;
  readonly caps: Caps;
  readonly live: readonly number[];
}

export function openJournal({ plan, hash, startedAt, rate, caps, live }: Opening): Journal {
  const throttle = rate === undefined ? null : { rates: [rate], earlier: {} };
  const livingOlds = plan.replace.map(({ old }) => old).filter((old) => live.includes(old));
  return { format: journalFormat, phase: 'moving', hash, plan, startedAt, runs: 1, livingOlds, caps, throttle };
}

/** With other caps, where some are given. */
export const takenUp = (journal: Journal, caps: Partial<Caps>): Journal => ({
  ...journal,
  runs: journal.runs + 1,
  caps: { ...journal.caps, ...caps },
});

/** A resource's first values are the ones that count. */
export function noteEarlier(journal: Journal, seen: ValuesOf): Journal {
  if (!journal.throttle) return journal;
  return { ...journal, throttle: { ...journal.throttle, earlier: { ...seen, ...journal.throttle.earlier } } };
}

export const notedIn = ({ throttle }: Journal, key: string): Values | undefined => throttle?.earlier[key];

export function withRate(journal: Journal, rate: number): Journal {
  const { rates, earlier } = journal.throttle ?? { rates: [], earlier: {} };
  return rates.at(-1) === rate ? journal : { ...journal, throttle: { rates: [...rates, rate], earlier } };
}

export const rateOf = ({ throttle }: Journal): number | undefined => throttle?.rates.at(-1);

export type Verb = 'apply' | 'resume' | 'abort';

/** `begin`: with a new journal. `nothing`: it is as it should be. */
export type Next =
  | { readonly kind: 'begin' | 'go-on' }
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string };

/** What a command does with the journal it finds; `same`: whether it is of the plan that is to be applied. */
export function nextOf(verb: Verb, journal: Journal | undefined, same: boolean): Next {
  if (!journal) {
    return verb === 'apply' ? { kind: 'begin' } : { kind: 'refused', why: 'there is no recovery in this journal' };
  }
  const what = describeReplacements(journal.plan.replace);
  if (verb === 'apply') return nextOfApply(journal.phase, what, same);
  switch (journal.phase) {
    case 'moving':
      return { kind: 'go-on' };
    case 'done':
      if (verb === 'resume') return { kind: 'nothing', why: `the recovery ${what} is done` };
      return { kind: 'refused', why: `the recovery ${what} is done: to go back, plan one with the ids turned round` };
    case 'aborting':
      if (verb === 'abort') return { kind: 'go-on' };
      return { kind: 'refused', why: `the recovery ${what} is being called off: \`barnabas recover abort\` ends that` };
    case 'aborted':
      if (verb === 'abort') return { kind: 'nothing', why: `the recovery ${what} is called off` };
      return { kind: 'refused', why: `the recovery ${what} was called off: plan a new one` };
  }
}

function nextOfApply(phase: Phase, what: string, same: boolean): Next {
  switch (phase) {
    case 'moving':
      if (same) return { kind: 'go-on' };
      return { kind: 'refused', why: `the recovery ${what} is not finished: \`resume\` or \`abort\` it first` };
    case 'aborting':
      return { kind: 'refused', why: `the recovery ${what} is being called off: \`barnabas recover abort\` ends that` };
    case 'done':
      return same ? { kind: 'nothing', why: `the recovery ${what} is done` } : { kind: 'begin' };
    case 'aborted':
      return { kind: 'begin' };
  }
}

export const journalText = (journal: Journal): string => `${JSON.stringify(journal)}\n`;

/** What is wrong with it, or the journal: written whole by us, so it is only asked whether it is one. */
export function readJournal(text: string): Journal | { readonly problem: string } {
  let value: Partial<Journal> | null;
  try {
    value = JSON.parse(text) as Partial<Journal> | null;
  } catch {
    return { problem: 'it is no JSON' };
  }
  return isJournal(value) ? value : { problem: 'it is no journal of `barnabas recover`' };
}

const phases: readonly unknown[] = ['moving', 'done', 'aborting', 'aborted'] satisfies Phase[];

function isJournal(value: Partial<Journal> | null): value is Journal {
  if (value?.format !== journalFormat || !phases.includes(value.phase)) return false;
  const { replace, moves, apart, topicIds } = (value.plan ?? {}) as Partial<RecoveryPlan>;
  const lists = [replace, moves, apart, value.livingOlds];
  return lists.every(Array.isArray) && [topicIds, value.caps].every((part) => typeof part === 'object');
}
