/** What the volume says of every id, for people. Reads only: not even a free lock is taken for an instant. */
import { parseEnd } from '../record.ts';
import type { Storage } from '../mounts.ts';
import { lockState, read, type LockState, type Step } from './effects.ts';
import { inspect, knowCluster, type ClusterKnowledge } from './inspect.ts';
import { endFile, lockFile } from './paths.ts';
import { survey, type IdView } from './survey.ts';

/**
 * `alive`: seen, on this machine. `dead`: proven. `free`: the last claim has ended. `held`: claimed, and whether the holder
 * lives can't be seen from here. `refused`: a person must decide.
 */
export type IdState = 'unclaimed' | 'claiming' | 'alive' | 'held' | 'dead' | 'free' | 'refused';

export interface IdStatus {
  readonly id: number;
  readonly logDirs: readonly string[];
  /** As in meta.properties; null where it does not say. */
  readonly clusterId: string | null;
  readonly directoryId: string | null;
  readonly holder: Holder | null;
  /** `held` by a live process of this machine, `free`, `absent` if there is no lock file yet; else `unknown`. */
  readonly lock: LockState | 'unknown';
  readonly state: IdState;
  readonly verdict: string;
}

export interface Holder {
  readonly pod: string;
  /** Empty where nobody told it. */
  readonly namespace: string;
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

interface Place {
  readonly bootId: string;
  readonly storage: Storage;
}

export function* describeIds(place: Place): Step<VolumeStatus> {
  const seen = yield* survey();
  const cluster = knowCluster(seen, undefined);
  const ids: IdStatus[] = [];
  for (const view of seen.ids) ids.push(yield* describeId(view, cluster, place));
  return { uuid: seen.identity?.uuid ?? null, ids };
}

function* describeId(view: IdView, cluster: ClusterKnowledge, place: Place): Step<IdStatus> {
  const { id, logDirs, top } = view;
  const lock = yield* lookAtLock(id, place.storage);
  const holder = top.kind === 'record' ? holderOf(top) : null;
  const data = yield* inspect(view, cluster);
  const meta = data.fit ? data.meta : undefined;
  const judged: Judged = data.fit ? yield* judge(view, lock, place.bootId) : ['refused', data.why];
  const [state, verdict] = judged;
  const ids = { clusterId: meta?.clusterId ?? null, directoryId: meta?.directoryId ?? null };
  return { id, logDirs, ...ids, holder, lock, state, verdict };
}

function holderOf({ record, ended }: Extract<IdView['top'], { kind: 'record' }>): Holder {
  const { pod, node, mode, generation, wallTime } = record;
  const { name, namespace, uid } = pod;
  return { pod: name, namespace, uid, node, mode, generation, ended, since: wallTime };
}

/** A lock that this machine does not show may still be held on another, where a server keeps them. */
function* lookAtLock(id: number, { coherence }: Storage): Step<LockState | 'unknown'> {
  const state = yield* lockState(lockFile(id));
  if (!state.ok || (state.value === 'free' && coherence !== 'machine')) return 'unknown';
  return state.value;
}

type Judged = readonly [IdState, string];

function* judge({ id, top }: IdView, lock: IdStatus['lock'], bootId: string): Step<Judged> {
  if (top.kind === 'none') {
    return lock === 'held' ? ['claiming', 'being claimed'] : ['unclaimed', 'never claimed: will be adopted'];
  }
  const generation = top.kind === 'record' ? top.record.generation : top.generation;
  if (top.ended) return yield* describeEnd(id, generation);
  if (top.kind === 'unreadable') return ['refused', `its record can't be believed: ${top.why}`];
  if (lock === 'held') return ['alive', 'alive'];
  if (top.record.bootId !== bootId) return ['held', 'claimed in another boot or on another machine'];
  if (top.record.mode !== 'wrapper') return ['held', `claimed in ${top.record.mode} mode: a free lock says nothing`];
  return lock === 'free' ? ['dead', 'dead: its lock is free'] : ['held', 'not known'];
}

function* describeEnd(id: number, generation: number): Step<Judged> {
  const text = yield* read(endFile(id, generation));
  const end = text.ok ? parseEnd(text.value, { id, generation }) : undefined;
  return end?.ok
    ? ['free', `free: ${end.value.kind}: ${end.value.detail}`]
    : ['refused', "its end certificate can't be believed"];
}
