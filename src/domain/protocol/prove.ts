/** The steps of an attempt that ask whether the last holder is dead. Unknown means held. */
import { locksCouldProveGone, proveWithLock, vouches, type Proof } from '../evidence.ts';
import type { LockNote } from '../lock-note.ts';
import type { Storage } from '../mounts.ts';
import { describeHolder, parseEnd, type ClaimRecord } from '../record.ts';
import type { ClaimRequest } from './claim.ts';
import {
  askEvidence,
  list,
  pause,
  probeKafkaLock,
  read,
  readLock,
  tell,
  type LockHandle,
  type Step,
} from './effects.ts';
import { endFile } from './paths.ts';
import { generationOf, whyUnreadable, type IdView, type Top } from './survey.ts';

type Over = Extract<Proof, { over: true }>;

export interface Suspect {
  readonly view: IdView;
  readonly top: Top;
  /** What the id lock's file says. */
  readonly note: LockNote | undefined;
}

/** Whether the top generation is over, for one who holds the id lock. */
export function* prove({ view, top, note }: Suspect, request: ClaimRequest): Step<Proof> {
  if (top.kind === 'none') return yield* proveAbandoned(view, request);
  if (top.ended) return yield* proveEnded({ id: view.id, generation: generationOf(top) });
  if (top.kind === 'unreadable') return { over: false, why: whyUnreadable(top) };
  const { record } = top;
  const { self, storage } = request;
  const proof = proveWithLock({ record, self, storage, sameLock: vouches(note, record) });
  if (proof.over) return proof;
  const outside = yield* askEvidence(record);
  if (outside.kind === 'absent' && vouches(note, record) && locksCouldProveGone({ record, self, storage })) {
    return yield* proveGone(view, record);
  }
  if (outside.kind !== 'dead') return { over: false, why: `held by ${describeHolder(record)}: ${proof.why}` };
  return { over: true, kind: outside.evidence, detail: outside.detail, certain: outside.evidence === 'kubelet' };
}

/** Between the two looks: longer than a broker takes from its start to its `.lock`. */
const goneMs = 10_000;

/**
 * A pod that is not there any more, deleted by force, on this very machine. Its agent's lock is free, or we would not be
 * here with it; its broker's must be free too, now and after a while, in which its agent, had it lived, would have come
 * back for its own lock.
 */
function* proveGone({ logDirs }: IdView, record: ClaimRecord): Step<Proof> {
  const holder = describeHolder(record);
  const lives = (why: string): Proof => ({ over: false, why: `held by ${holder}: its pod is gone, but ${why}` });
  if (!(yield* isKafkaLockFree(logDirs))) return lives('its broker lives');
  yield* tell({ kind: 'settling', ms: goneMs });
  yield* pause(goneMs);
  if (!(yield* isKafkaLockFree(logDirs))) return lives('its broker lives');
  const outside = yield* askEvidence(record);
  if (outside.kind !== 'absent') return lives('Kubernetes says otherwise now');
  const detail = 'its pod is gone, and on its own machine both locks were free twice, 10 s apart';
  return { over: true, kind: 'gone', detail, certain: false };
}

function* isKafkaLockFree([logDir]: IdView['logDirs']): Step<boolean> {
  if (logDir === undefined) return true;
  const lock = yield* probeKafkaLock(`${logDir}/.lock`);
  return lock.ok && lock.value !== 'held';
}

/** No record at all: an unused id, or a log dir from before Barnabas, of which only Kafka's own lock can tell. */
function* proveAbandoned({ logDirs: [logDir] }: IdView, { storage }: ClaimRequest): Step<Proof> {
  if (logDir !== undefined && storage.coherence === 'untrusted' && !(yield* isEmpty(logDir))) {
    return { over: false, why: `no claim on record, and record locks on this volume prove nothing (${storage.why})` };
  }
  return { over: true, kind: 'released', detail: 'never claimed', certain: false };
}

/** A broker's first act is to put its `.lock` there. */
function* isEmpty(logDir: string): Step<boolean> {
  const entries = yield* list(logDir);
  return entries.ok && entries.value.length === 0;
}

function* proveEnded(claim: { readonly id: number; readonly generation: number }): Step<Proof> {
  const path = endFile(claim.id, claim.generation);
  const text = yield* read(path);
  if (!text.ok) return { over: false, why: `${path} can't be read (${text.errno})` };
  const end = parseEnd(text.value, claim);
  if (!end.ok) return { over: false, why: `${path} can't be believed: ${end.why}` };
  const { kind, detail } = end.value;
  return { over: true, kind, detail, certain: kind !== 'asserted' && kind !== 'gone' };
}

export interface Proven {
  readonly proof: Over;
  readonly top: Top;
}

function mustSettle(proof: Over, top: Top, storage: Storage): boolean {
  // An init container left no guard behind that could see a declaration.
  if (proof.kind === 'asserted') return top.kind !== 'record' || top.record.mode !== 'init';
  return storage.coherence === 'shared' && (proof.kind === 'lock-local' || proof.kind === 'own');
}

/**
 * A last wait of some beats of a guard, with the id lock held, before anything is published.
 *
 * Where a server keeps the locks, a holder that lost the server for a while has lost its lock too, on this very machine,
 * and its broker lives until its guard's next beat. And a person who declared a holder dead may have been wrong: a guard
 * that lives sees the declaration at its next beat, and kills its broker.
 */
export function* settle(handle: LockHandle, request: ClaimRequest, { proof, top }: Proven): Step<boolean> {
  if (!mustSettle(proof, top, request.storage)) return true;
  const { settleMs } = request;
  const before = yield* readLock(handle);
  yield* tell({ kind: 'settling', ms: settleMs });
  yield* pause(settleMs);
  const after = yield* readLock(handle);
  return before.ok && after.ok && before.value === after.value;
}
