/**
 * Looks at the whole volume without changing or locking anything.
 *
 * For each id: its log dirs, its generations, and the top record. Whether a holder lives is not asked here: that needs
 * the id lock, which only one who wants that id takes.
 */
import { parseLogDirName } from '../ids.ts';
import { parseRecord, type ClaimRecord } from '../record.ts';
import type { VolumeIdentity } from '../volume-identity.ts';
import { list, read, areLocked, type Entry, type Step } from './effects.ts';
import { VolumeFailure } from './failure.ts';
import { readIdentity } from './layout.ts';
import {
  claimDirectory,
  claimedId,
  claimsDirectory,
  lockFile,
  ourDirectory,
  readGenerations,
  recordFile,
} from './paths.ts';

/** The top generation of one id. */
export type Top =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly generation: number; readonly ended: boolean; readonly why: string }
  | { readonly kind: 'record'; readonly record: ClaimRecord; readonly ended: boolean };

/** An id whose lock was held when asked: nobody but its holder has it, so its record is read only if it matters. */
export interface Unread {
  readonly kind: 'unread';
}

export interface IdView {
  readonly id: number;
  /** Names of log dirs of this id: one as a rule; two if a 2017 directory stands beside a current one. */
  readonly logDirs: readonly string[];
  readonly top: Top;
}

export type MaybeUnread = Omit<IdView, 'top'> & { readonly top: Top | Unread };

export interface Survey<View extends MaybeUnread = IdView> {
  readonly identity: VolumeIdentity | undefined;
  /** By id, ascending: all ids that have a log dir or a claim. */
  readonly ids: readonly View[];
}

/** Everything, read whole. */
export function* survey(): Step<Survey> {
  const { identity, logDirs, claimed } = yield* listIds();
  const ids: IdView[] = [];
  for (const id of allOf(logDirs, claimed)) {
    const top = claimed.has(id) ? yield* readTop(id) : none;
    ids.push({ id, logDirs: logDirs.get(id) ?? [], top });
  }
  return { identity, ids };
}

/** From so many claims on it is cheaper to ask for their locks first. */
const manyClaims = 64;

/** For one who wants an id: of many, the records under a lock that is seen to be held are left unread. */
export function* surveyFree(): Step<Survey<MaybeUnread>> {
  const { identity, logDirs, claimed } = yield* listIds();
  const locked = yield* findLocked([...claimed]);
  const ids: MaybeUnread[] = [];
  for (const id of allOf(logDirs, claimed)) {
    const top = locked.has(id) ? unread : claimed.has(id) ? yield* readTop(id) : none;
    ids.push({ id, logDirs: logDirs.get(id) ?? [], top });
  }
  return { identity, ids };
}

const none: Top = { kind: 'none' };
const unread: Unread = { kind: 'unread' };

function* findLocked(ids: readonly number[]): Step<ReadonlySet<number>> {
  if (ids.length < manyClaims) return new Set();
  const locked = yield* areLocked(ids.map(lockFile));
  return new Set(ids.filter((_, index) => locked[index]));
}

export function* readView(view: MaybeUnread): Step<IdView> {
  return { ...view, top: view.top.kind === 'unread' ? yield* readTop(view.id) : view.top };
}

interface Listed {
  readonly identity: VolumeIdentity | undefined;
  readonly logDirs: ReadonlyMap<number, readonly string[]>;
  readonly claimed: ReadonlySet<number>;
}

function* listIds(): Step<Listed> {
  const root = yield* list('.');
  if (!root.ok) throw new VolumeFailure('list', '.', root.errno);
  const logDirs = logDirsById(root.value);
  if (!root.value.some((entry) => entry.name === ourDirectory)) {
    return { identity: undefined, logDirs, claimed: new Set() };
  }
  return { identity: yield* readIdentity(), logDirs, claimed: yield* listClaims() };
}

const allOf = (logDirs: ReadonlyMap<number, unknown>, claimed: ReadonlySet<number>): number[] =>
  [...new Set([...logDirs.keys(), ...claimed])].sort((a, b) => a - b);

function logDirsById(entries: readonly Entry[]): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const entry of entries) {
    const name = entry.isDirectory ? parseLogDirName(entry.name) : undefined;
    if (name) found.set(name.brokerId, [...(found.get(name.brokerId) ?? []), name.name]);
  }
  return found;
}

function* listClaims(): Step<ReadonlySet<number>> {
  const claims = yield* list(claimsDirectory);
  if (claims.ok) return new Set(claims.value.flatMap((entry) => claimedId(entry.name) ?? []));
  if (claims.errno === 'ENOENT') return new Set();
  throw new VolumeFailure('list', claimsDirectory, claims.errno);
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
