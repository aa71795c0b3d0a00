/**
 * Looks at the whole volume without changing or locking anything.
 *
 * For each id: its log dirs, its generations, and the top record. Whether a holder lives is not asked here: that needs
 * the id lock, which only one who wants that id takes.
 */
import { parseLogDirName } from '../ids.ts';
import { parseRecord, type ClaimRecord } from '../record.ts';
import type { VolumeIdentity } from '../volume-identity.ts';
import { list, read, type Entry, type Step } from './effects.ts';
import { VolumeFailure } from './failure.ts';
import { readIdentity } from './layout.ts';
import { claimDirectory, claimedId, claimsDirectory, readGenerations, recordFile } from './paths.ts';

/** The top generation of one id. */
export type Top =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly generation: number; readonly ended: boolean; readonly why: string }
  | { readonly kind: 'record'; readonly record: ClaimRecord; readonly ended: boolean };

export interface IdView {
  readonly id: number;
  /** Names of log dirs of this id: one as a rule; two if a 2017 directory stands beside a current one. */
  readonly logDirs: readonly string[];
  readonly top: Top;
}

export interface Survey {
  readonly identity: VolumeIdentity | undefined;
  /** By id, ascending: all ids that have a log dir or a claim. */
  readonly ids: readonly IdView[];
}

export function* survey(): Step<Survey> {
  const root = yield* list('.');
  if (!root.ok) throw new VolumeFailure('list', '.', root.errno);
  const logDirs = logDirsById(root.value);
  const ours = root.value.some((entry) => entry.name === '.barnabas');
  const identity = ours ? yield* readIdentity() : undefined;
  const tops = ours ? yield* readTops() : new Map<number, Top>();
  const ids = [...new Set([...logDirs.keys(), ...tops.keys()])].sort((a, b) => a - b);
  return {
    identity,
    ids: ids.map((id) => ({ id, logDirs: logDirs.get(id) ?? [], top: tops.get(id) ?? { kind: 'none' } })),
  };
}

function logDirsById(entries: readonly Entry[]): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const entry of entries) {
    const name = entry.isDirectory ? parseLogDirName(entry.name) : undefined;
    if (name) found.set(name.brokerId, [...(found.get(name.brokerId) ?? []), name.name]);
  }
  return found;
}

function* readTops(): Step<Map<number, Top>> {
  const tops = new Map<number, Top>();
  const claims = yield* list(claimsDirectory);
  if (!claims.ok) {
    if (claims.errno === 'ENOENT') return tops;
    throw new VolumeFailure('list', claimsDirectory, claims.errno);
  }
  for (const entry of claims.value) {
    const id = claimedId(entry.name);
    if (id !== undefined) tops.set(id, yield* readTop(id));
  }
  return tops;
}

/** Reads one id's top generation. What can't be read is unreadable, which means held. */
export function* readTop(id: number): Step<Top> {
  const names = yield* list(claimDirectory(id));
  if (!names.ok) {
    return names.errno === 'ENOENT' ? { kind: 'none' } : unreadable({ generation: 0, ended: false }, names.errno);
  }
  const { top: generation, ended } = readGenerations(names.value.map((entry) => entry.name));
  if (generation === 0) return { kind: 'none' };
  const text = yield* read(recordFile(id, generation));
  if (!text.ok) return unreadable({ generation, ended }, text.errno);
  const parsed = parseRecord(text.value, { id, generation });
  if (!parsed.ok) return unreadable({ generation, ended }, parsed.why);
  return { kind: 'record', record: parsed.value, ended };
}

const unreadable = (top: { readonly generation: number; readonly ended: boolean }, why: string): Top => ({
  kind: 'unreadable',
  ...top,
  why,
});

/** 0 before the first claim. */
export function generationOf(top: Top): number {
  if (top.kind === 'none') return 0;
  return top.kind === 'record' ? top.record.generation : top.generation;
}

export const whyUnreadable = (top: { readonly generation: number; readonly why: string }): string =>
  `the record of generation ${top.generation} can't be believed: ${top.why}`;
