/**
 * One attempt at one id.
 *
 *  1. inspect  the data are fit for this id and cluster (reads only)
 *  2. lock     take the id lock, and see that the path still names the same file
 *  3. prove    the top generation is over; unknown means held
 *  4. probe    Kafka's own `.lock` is free: a broker outside Barnabas holds no id lock
 *  5. certify  publish the end certificate of the top generation if it is missing
 *  6. make     note generation g+1 in the id lock's file; the log dir of a new id
 *  7. publish  generation g+1; whoever links first has it
 *  8. confirm  list again: the top is ours (a claimant parked since long ago finds out here)
 *
 * A crash before 7 leaves the id as claimable as before: an end certificate stands on evidence that stays true, and an
 * empty log dir is adopted. A crash after 7 leaves an open claim of a dead pod, whose id lock the kernel has freed. No
 * failure of the volume can come between 7 and the caller's having the claim: one that does ends the claim again.
 *
 * `.lock` is probed before 7 so that nothing is published for an id that some other broker really uses. Kafka dies if
 * the probe coincides with its start, and none can start here: the id lock is ours, and whoever started one without it
 * was proven dead in 3 (docs/decisions/0003).
 */
import type { Decision, Verdict } from '../decisions.ts';
import { lockCouldProve, locksCouldProveGone, proveWithLock, type EvidenceKind } from '../evidence.ts';
import { logDirNameOf } from '../ids.ts';
import { parseLockNote, type LockNote } from '../lock-note.ts';
import { describeHolder } from '../record.ts';
import type { ClaimRequest } from './claim.ts';
import { collectOld } from './collect.ts';
import {
  askEvidence,
  closeLock,
  isSameFile,
  openLock,
  probeKafkaLock,
  readLock,
  tryLock,
  type LockHandle,
  type Step,
} from './effects.ts';
import { VolumeFailure } from './failure.ts';
import { inspect, type ClusterKnowledge } from './inspect.ts';
import { ensureLayout, makeIfMissing } from './layout.ts';
import { claimDirectory, lockFile } from './paths.ts';
import { prove, settle } from './prove.ts';
import { publishClaim } from './publish-claim.ts';
import { certifyEnd } from './release.ts';
import { generationOf, readTop, whyUnreadable, type IdView, type Top } from './survey.ts';

export interface Claimed {
  readonly brokerId: number;
  readonly generation: number;
  readonly handle: LockHandle;
  readonly logDir: string;
  readonly evidence: EvidenceKind | 'new';
  /** Whether the earlier broker of this id is certainly dead. */
  readonly deathCertain: boolean;
  /** What the earlier holder's guard noted; undefined if there was none or it can't be read. */
  readonly note: LockNote | undefined;
}

export type Attempt = { readonly claimed: Claimed } | { readonly claimed?: undefined; readonly decision: Decision };

/** Errnos that say the volume can't be written, which no other id would mend. */
const volumeErrnos = new Set(['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT', 'ENOTDIR']);

export function* attempt(view: IdView, request: ClaimRequest, cluster: ClusterKnowledge): Step<Attempt> {
  const holder = view.top.kind === 'record' ? { holder: view.top.record.pod.name } : {};
  const decide = (verdict: Verdict, why: string): Attempt => ({
    decision: { id: view.id, logDir: view.logDirs[0] ?? null, verdict, why, ...(verdict === 'stopping' && holder) },
  });

  const inspection = yield* inspect(view, cluster);
  if (!inspection.fit) return decide('refused', inspection.why);
  const hopeless = yield* whyHopeless(view.top, request);
  if (hopeless) return decide(hopeless.verdict, hopeless.why);

  yield* ensureLayout();
  yield* makeIfMissing(claimDirectory(view.id));
  const lock = yield* takeLock(view);
  if (!lock.taken) {
    const declared = yield* declareOver(view.top, request);
    return declared ? decide('stopping', declared) : decide(lock.verdict, lock.why);
  }
  let result: Attempt | undefined;
  try {
    result = yield* attemptLocked(view, request, lock.handle);
    return result;
  } finally {
    if (!result?.claimed) yield* closeLock(lock.handle);
  }
}

interface Obstacle {
  readonly verdict: Verdict;
  readonly why: string;
}

/** A holder of whom a free id lock would prove nothing is not worth taking its lock, unless somebody else knows. */
function* whyHopeless(top: Top, { self, storage }: ClaimRequest): Step<Obstacle | undefined> {
  if (top.kind === 'none' || top.ended) return undefined;
  if (top.kind === 'unreadable') return { verdict: 'refused', why: whyUnreadable(top) };
  if (lockCouldProve({ record: top.record, self, storage })) return undefined;
  const outside = yield* askEvidence(top.record);
  if (outside.kind === 'dead') return undefined;
  if (outside.kind === 'absent' && locksCouldProveGone({ record: top.record, self, storage })) return undefined;
  const proof = proveWithLock({ record: top.record, self, storage, sameLock: true });
  const why = outside.kind !== 'unknown' || proof.over ? outside.why : proof.why;
  return {
    verdict: outside.kind === 'stopping' ? 'stopping' : 'held',
    why: `held by ${describeHolder(top.record)}: ${why}`,
  };
}

type Lock = { readonly taken: true; readonly handle: LockHandle } | ({ readonly taken: false } & Obstacle);

function* takeLock(view: IdView): Step<Lock> {
  const path = lockFile(view.id);
  const held = view.top.kind !== 'none' && !view.top.ended;
  const opened = yield* openLock(path, !held);
  if (!opened.ok && held && opened.errno === 'ENOENT') {
    // A new one in its place would be free, whoever holds the one that is gone.
    const why = `${path} is gone, so whether its holder lives can't be seen: \`barnabas release ${view.id}\` ends its claim`;
    return { taken: false, verdict: 'refused', why };
  }
  if (!opened.ok) {
    if (volumeErrnos.has(opened.errno)) throw new VolumeFailure('open', path, opened.errno);
    return { taken: false, verdict: 'held', why: `its id lock can't be opened (${opened.errno})` };
  }
  const handle = opened.value;
  const locked = yield* tryLock(handle);
  if (locked.ok && locked.value) {
    const same = yield* isSameFile(handle, path);
    if (same.ok && same.value) return { taken: true, handle };
    yield* closeLock(handle);
    return { taken: false, verdict: 'held', why: 'its lock file was replaced while it was being locked' };
  }
  const note = yield* readLock(handle);
  yield* closeLock(handle);
  if (!locked.ok) return { taken: false, verdict: 'held', why: `its id lock can't be tried (${locked.errno})` };
  return { taken: false, ...describeBusy(view.top, note.ok ? parseLockNote(note.value) : undefined) };
}

/**
 * A holder on a Kubernetes node that was declared over, which holds its lock all the same: cut off from Kubernetes, not
 * from the volume. Its certificate makes its guard kill its broker and let go of the lock. Only then is the id free.
 */
function* declareOver(top: Top, { pod }: ClaimRequest): Step<string | undefined> {
  if (top.kind !== 'record' || top.ended) return undefined;
  const outside = yield* askEvidence(top.record);
  if (outside.kind !== 'dead' || outside.evidence !== 'asserted') return undefined;
  yield* certifyEnd(top.record, { kind: 'asserted', by: pod, detail: outside.detail });
  return `held by ${describeHolder(top.record)}, which was told to let go: ${outside.detail}`;
}

/** A note of an older generation says nothing: then somebody is in the middle of a claim. */
function describeBusy(top: Top, note: LockNote | undefined): Obstacle {
  if (top.kind !== 'record' || note?.generation !== top.record.generation) {
    return { verdict: 'lost', why: 'another agent is claiming it' };
  }
  const holder = describeHolder(top.record);
  if (note.state === 'stopping') return { verdict: 'stopping', why: `held by ${holder}, which is shutting down` };
  return { verdict: 'held', why: `held by ${holder}, which holds the id lock` };
}

function* attemptLocked(view: IdView, request: ClaimRequest, handle: LockHandle): Step<Attempt> {
  const decide = (verdict: Verdict, why: string): Attempt => ({
    decision: { id: view.id, logDir: view.logDirs[0] ?? null, verdict, why },
  });
  const top = yield* readTop(view.id);
  if (generationOf(top) !== generationOf(view.top)) return decide('lost', 'another agent claimed it meanwhile');

  const text = yield* readLock(handle);
  const note = text.ok ? parseLockNote(text.value) : undefined;
  const proof = yield* prove({ view, top, note }, request);
  if (!proof.over) return decide('held', proof.why);
  const path = logDirOf(view);
  const kafka = yield* probeKafkaLock(`${path}/.lock`);
  if (!kafka.ok) return decide('held', `${path}/.lock can't be tried (${kafka.errno})`);
  if (kafka.value === 'held') return decide('held', `a process outside Barnabas holds ${path}/.lock`);
  if (!(yield* settle(handle, request, { proof, top }))) return decide('held', 'its holder showed a sign of life');

  if (top.kind === 'record' && !top.ended) {
    // Losing this one means that somebody else had evidence too, and one certificate is enough.
    yield* certifyEnd(top.record, { kind: proof.kind, by: request.pod, detail: proof.detail });
  }
  const generation = generationOf(top) + 1;
  const claim = { id: view.id, generation, logDir: path };
  const published = yield* publishClaim(claim, { handle, registration: note?.registration ?? null }, request);
  if (published !== 'ours') {
    return decide('lost', published === 'lost' ? 'another agent claimed it first' : 'a newer generation stands');
  }
  yield* collectOld(view.id, generation);
  return {
    claimed: {
      brokerId: view.id,
      generation,
      handle,
      logDir: path,
      evidence: top.kind === 'none' ? 'new' : proof.kind,
      deathCertain: proof.certain,
      note,
    },
  };
}

const logDirOf = (view: IdView): string => view.logDirs[0] ?? logDirNameOf(view.id);
