/**
 * A plan as a file. `version` and `partitions` are what kafka-reassign-partitions takes, and `barnabas.before` what it takes
 * to go back; all else is below `barnabas`, which that tool ignores. The hash is of everything but itself.
 */
import { nameOf, type PartitionName } from '../kafka-view.ts';
import { comingOf, type PlannedMove, type RecoveryPlan } from './plan.ts';
import { heirsIn, type Replacement } from './replacement.ts';
import type { Apart } from './triage.ts';
import { sameOrder } from './words.ts';

/** SHA-256 in hexadecimal. */
export type Digest = (text: string) => string;

export const planFormat = 1 as const;

export interface PlanFile {
  readonly version: 1;
  readonly partitions: readonly Assignment[];
  readonly barnabas: {
    readonly format: typeof planFormat;
    readonly clusterId: string | null;
    readonly replace: readonly Replacement[];
    readonly topicIds: Readonly<Record<string, string | null>>;
    /** In the order of `partitions`. */
    readonly before: { readonly version: 1; readonly partitions: readonly Assignment[] };
    readonly bytes: readonly (number | null)[];
    readonly apart: readonly Apart[];
    readonly sha256: string;
  };
}

interface Assignment extends PartitionName {
  readonly replicas: readonly number[];
}

export function fileOf(plan: RecoveryPlan, digest: Digest): PlanFile {
  const { clusterId, replace, topicIds, moves, apart } = plan;
  const assigned = (when: 'before' | 'after'): Assignment[] =>
    moves.map(({ topic, partition, [when]: replicas }) => ({ topic, partition, replicas }));
  const body = {
    ...{ format: planFormat, clusterId, replace, topicIds },
    before: { version: 1 as const, partitions: assigned('before') },
    bytes: moves.map(({ bytes }) => bytes),
    apart,
  } as const;
  const unsigned = { version: 1, partitions: assigned('after'), barnabas: body } as const;
  return { ...unsigned, barnabas: { ...body, sha256: digest(canonical(unsigned)) } };
}

export type ReadPlan =
  | { readonly ok: true; readonly plan: RecoveryPlan; readonly hash: string }
  | { readonly ok: false; readonly faults: readonly string[] };

/** Everything that can be checked without a cluster. */
export function readPlan(text: string, digest: Digest): ReadPlan {
  const file = parse(text);
  if (typeof file === 'string') return { ok: false, faults: [file] };
  const { sha256, ...body } = file.barnabas;
  const faults = digest(canonical({ ...file, barnabas: body })) === sha256 ? [] : ['it was changed since it was made'];
  const plan = planOf(file);
  faults.push(...faultsOf(plan));
  return faults.length === 0 ? { ok: true, plan, hash: sha256 } : { ok: false, faults };
}

function parse(text: string): PlanFile | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  const { barnabas, partitions } = (value ?? {}) as { barnabas?: Record<string, unknown> | null; partitions?: unknown };
  if (typeof barnabas !== 'object' || barnabas === null) return 'it is no plan of `barnabas recover`';
  if (barnabas['format'] !== planFormat) return `it is of format ${String(barnabas['format'])}, not ${planFormat}`;
  const before = (barnabas['before'] as { partitions?: unknown } | undefined)?.partitions;
  const lists = [partitions, before, barnabas['bytes'], barnabas['replace'], barnabas['apart']];
  const isObject = (part: unknown): boolean => typeof part === 'object' && part !== null;
  if (!lists.every(Array.isArray) || !isObject(barnabas['topicIds'])) return 'parts of it are missing';
  const entries = [barnabas['replace'], barnabas['apart']].flat();
  if (!entries.every(isObject)) return 'an entry in it is none';
  if (!areAssignments(partitions) || !areAssignments(before)) return 'an assignment in it is none';
  return value as PlanFile;
}

const areAssignments = (list: unknown): boolean =>
  (list as unknown[]).every((each) => {
    const { topic, partition, replicas } = (each ?? {}) as Partial<Assignment>;
    return typeof topic === 'string' && Number.isInteger(partition) && Array.isArray(replicas);
  });

function planOf({ partitions, barnabas }: PlanFile): RecoveryPlan {
  const { clusterId, replace, topicIds, before, bytes, apart } = barnabas;
  const moves = partitions.map(({ topic, partition, replicas }, index): PlannedMove => {
    const was = before.partitions[index];
    const same = was?.topic === topic && was.partition === partition;
    return { topic, partition, before: same ? was.replicas : [], after: replicas, bytes: bytes[index] ?? null };
  });
  return { clusterId, replace, topicIds, moves, apart };
}

/** What no plan may say, whoever wrote it. */
export function faultsOf({ replace, topicIds, moves, apart }: RecoveryPlan): string[] {
  const names = [...moves, ...apart].map(nameOf);
  const seen = new Set<string>();
  const twice = names.filter((name) => seen.size === seen.add(name).size);
  const swapped = replace.map((each) => `${each.new} for ${each.old}`).join(', ');
  return [
    ...twice.map((name) => `${name} stands in it twice`),
    ...moves.flatMap((move) => {
      const name = nameOf(move);
      if (move.before.length === 0) return [`${name}: how it was before is missing`];
      if (!(move.topic in topicIds)) return [`${name}: its topic's id is missing`];
      if (new Set(move.after).size < move.after.length) return [`${name}: a broker is among its replicas twice`];
      if (comingOf(move).length === 0) return [`${name}: nothing is replaced in it`];
      return sameOrder(move.after, heirsIn(move.before, replace))
        ? []
        : [`${name}: more than ${swapped} is changed in it`];
    }),
  ];
}

/** One text for equal values: keys in order. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}
