/** What the volume says of every id, for people. Reads only: not even a free lock is taken for an instant. */
import { parseEnd } from '../record.ts';
import type { Storage } from '../mounts.ts';
import { lockState, read, type LockState, type Step } from './effects.ts';
import { endFile, lockFile } from './paths.ts';
import { survey, type IdView } from './survey.ts';

export interface IdStatus {
  readonly id: number;
  readonly logDirs: readonly string[];
  readonly holder: Holder | null;
  /** `held` by a live process of this machine, `free`, `absent` if there is no lock file yet; else `unknown`. */
  readonly lock: LockState | 'unknown';
  readonly verdict: string;
}

export interface Holder {
  readonly pod: string;
  readonly uid: string;
  readonly node: string | null;
  readonly mode: string;
  readonly generation: number;
  readonly ended: boolean;
  /** ISO 8601, by the holder's clock. */
  readonly since: string;
}

export interface VolumeStatus {
  /** Null before the first claim. */
  readonly uuid: string | null;
  readonly ids: readonly IdStatus[];
}

export function* describeIds(place: { readonly bootId: string; readonly storage: Storage }): Step<VolumeStatus> {
  const seen = yield* survey();
  const ids: IdStatus[] = [];
  for (const view of seen.ids) ids.push(yield* describeId(view, place));
  return { uuid: seen.identity?.uuid ?? null, ids };
}

function* describeId(view: IdView, place: { readonly bootId: string; readonly storage: Storage }): Step<IdStatus> {
  const { id, logDirs, top } = view;
  const lock = yield* lookAtLock(id, place.storage);
  const holder = top.kind === 'record' ? holderOf(top) : null;
  return { id, logDirs, holder, lock, verdict: yield* judge(view, lock, place.bootId) };
}

function holderOf({ record, ended }: Extract<IdView['top'], { kind: 'record' }>): Holder {
  const { pod, node, mode, generation, wallTime } = record;
  return { pod: pod.name, uid: pod.uid, node, mode, generation, ended, since: wallTime };
}

/** A lock that this machine does not show may still be held on another, where a server keeps them. */
function* lookAtLock(id: number, { coherence }: Storage): Step<LockState | 'unknown'> {
  const state = yield* lockState(lockFile(id));
  if (!state.ok || (state.value === 'free' && coherence !== 'machine')) return 'unknown';
  return state.value;
}

function* judge({ id, logDirs, top }: IdView, lock: IdStatus['lock'], bootId: string): Step<string> {
  if (logDirs.length > 1) return 'two log dirs of one id: refused until one is moved away';
  if (top.kind === 'none') return lock === 'held' ? 'being claimed' : 'never claimed: will be adopted';
  const generation = top.kind === 'record' ? top.record.generation : top.generation;
  if (top.ended) return yield* describeEnd(id, generation);
  if (top.kind === 'unreadable') return `its record can't be believed: ${top.why}`;
  if (lock === 'held') return 'alive';
  if (top.record.bootId !== bootId) return 'claimed in another boot or on another machine';
  if (top.record.mode !== 'wrapper') return `claimed in ${top.record.mode} mode: a free lock says nothing`;
  return lock === 'free' ? 'dead: its lock is free' : 'not known';
}

function* describeEnd(id: number, generation: number): Step<string> {
  const text = yield* read(endFile(id, generation));
  const end = text.ok ? parseEnd(text.value, { id, generation }) : undefined;
  return end?.ok ? `free: ${end.value.kind}: ${end.value.detail}` : "its end certificate can't be believed";
}
