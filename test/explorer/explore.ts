/** Goes through every world that can be reached, and if one breaks an invariant, finds the shortest way there. */
import { choicesOf } from './choices.ts';
import { violated } from './invariants.ts';
import { whoIsLost } from './rescue.ts';
import type { Choice, Grain } from './steps.ts';
import { contentOf, fingerprint, type World } from './world.ts';

export interface Exploration {
  readonly start: World;
  readonly grain: Grain;
  /** Where fresh agents are started to see whether every id can still be had; undefined where that is not asked. */
  readonly rescueOn: string | undefined;
  /** More than so many states are a mistake of the scenario. */
  readonly mostStates: number;
}

export interface Found {
  readonly states: number;
  readonly steps: number;
  /** Different contents of the volume from which fresh agents were started. */
  readonly rescued: number;
  readonly violation: Violation | undefined;
}

export interface Violation {
  readonly why: string;
  /** What happened, in order. */
  readonly schedule: readonly string[];
}

export function explore(exploration: Exploration): Found {
  const found = search(exploration);
  if (!found.violation) return found;
  return { ...found, violation: findShortest(exploration) ?? found.violation };
}

interface Frame {
  readonly world: World;
  readonly choices: Iterator<Choice>;
  readonly choice: Choice | undefined;
}

/** Depth first: little to remember beside the fingerprints. */
export function search({ start, grain, rescueOn, mostStates }: Exploration): Found {
  const seen = new Set([fingerprint(start)]);
  const judge = judgeWith(rescueOn);
  const path: Frame[] = [{ world: start, choices: choicesOf(start, grain), choice: undefined }];
  let steps = 0;
  const result = (why?: string, last?: string): Found => ({
    ...{ states: seen.size, steps, rescued: judge.rescued() },
    violation:
      why === undefined
        ? undefined
        : { why, schedule: [...path.flatMap(({ choice }) => choice?.label ?? []), last ?? ''] },
  });
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const { done, value: choice } = top.choices.next() as IteratorResult<Choice, undefined>;
    if (done) {
      path.pop();
      continue;
    }
    const world = choice.take();
    steps += 1;
    const print = fingerprint(world);
    const why = violated(top.world, world);
    if (why !== undefined) return result(why, choice.label);
    if (seen.has(print)) continue;
    seen.add(print);
    if (seen.size > mostStates) throw new Error(`more than ${mostStates} states`);
    const lost = judge.lost(world);
    if (lost !== undefined) return result(lost, choice.label);
    path.push({ world, choices: choicesOf(world, grain), choice });
  }
  return result();
}

/** Breadth first: the first violation is one of the shortest. */
function findShortest({ start, grain, rescueOn }: Exploration): Violation | undefined {
  interface Place {
    readonly world: World;
    readonly label: string;
    readonly from: Place | undefined;
  }
  const judge = judgeWith(rescueOn);
  const seen = new Set([fingerprint(start)]);
  let front: Place[] = [{ world: start, label: '', from: undefined }];
  while (front.length > 0) {
    const next: Place[] = [];
    for (const place of front) {
      for (const { label, take } of choicesOf(place.world, grain)) {
        const world = take();
        const reached = { world, label, from: place };
        const print = fingerprint(world);
        const why = violated(place.world, world) ?? (seen.has(print) ? undefined : judge.lost(world));
        if (why !== undefined) return { why, schedule: scheduleOf(reached) };
        if (!seen.has(print)) next.push(reached);
        seen.add(print);
      }
    }
    front = next;
  }
  return undefined;
}

function scheduleOf(last: { readonly label: string; readonly from: unknown }): string[] {
  const labels: string[] = [];
  for (let at = last as typeof last | undefined; at?.from; at = at.from as typeof last | undefined)
    labels.unshift(at.label);
  return labels;
}

/** What lies on the volume decides who can be rescued, so each content is tried once. */
function judgeWith(rescueOn: string | undefined) {
  const tried = new Set<string>();
  return {
    rescued: () => tried.size,
    lost(world: World): string | undefined {
      if (rescueOn === undefined) return undefined;
      const content = contentOf(world);
      if (tried.has(content)) return undefined;
      tried.add(content);
      return whoIsLost(world, rescueOn);
    },
  };
}
