/** How a claim ends: by its holder after the broker's death, or by hand. */
import { proveWithLock, vouches, type EvidenceKind, type Self } from '../evidence.ts';
import type { Storage } from '../mounts.ts';
import { describeHolder, serialise, type Pod } from '../record.ts';
import { parseLockNote } from '../lock-note.ts';
import type { Held } from './beat.ts';
import {
  askEvidence,
  closeLock,
  isSameFile,
  openLock,
  readLock,
  tryLock,
  wallTime,
  type LockHandle,
  type Step,
} from './effects.ts';
import { VolumeFailure } from './failure.ts';
import { claimDirectory, endFile, lockFile } from './paths.ts';
import { publish } from './publish.ts';
import { generationOf, readTop, type Top } from './survey.ts';

export type Relocked =
  | { readonly kind: 'alone'; readonly handle: LockHandle }
  /** The claim is over already: a successor found the lock free before us. */
  | { readonly kind: 'succeeded' }
  /** Some process that inherited the lock lives. */
  | { readonly kind: 'not-alone' };

/**
 * Whether every process that inherited the id lock is dead. A descriptor of one's own says nothing of the others that
 * share its description, so the caller closes it first, and the lock is taken anew: the kernel grants it only if nobody is left. The id
 * may be claimed by another in between, on the very evidence that we look for; then it was free.
 */
export function* relock({ brokerId, generation }: Held): Step<Relocked> {
  const path = lockFile(brokerId);
  const opened = yield* openLock(path, false);
  if (!opened.ok) throw new VolumeFailure('open', path, opened.errno);
  const locked = yield* tryLock(opened.value);
  const same = yield* isSameFile(opened.value, path);
  if (locked.ok && locked.value && same.ok && same.value) return { kind: 'alone', handle: opened.value };
  yield* closeLock(opened.value);
  const top = yield* readTop(brokerId);
  const over = generationOf(top) > generation || (top.kind === 'record' && top.ended);
  return { kind: over ? 'succeeded' : 'not-alone' };
}

/** The end certificate of one's own claim, once the broker has been reaped. True if the claim was still ours to end. */
export function* endOwn({ brokerId, generation }: Held, by: Pod): Step<boolean> {
  const top = yield* readTop(brokerId);
  if (top.kind !== 'record' || top.record.generation !== generation || top.ended) return false;
  return yield* certifyEnd(top.record, { kind: 'released', by, detail: 'its broker had ended' });
}

export interface HandRelease {
  readonly brokerId: number;
  readonly by: Pod;
  readonly self: Self;
  readonly storage: Storage;
  /** What a person asserts where there is no evidence. */
  readonly assertion: string | undefined;
  readonly dryRun: boolean;
}

export type HandReleased =
  | { readonly kind: 'no-claim' }
  | { readonly kind: 'already-ended'; readonly generation: number }
  | { readonly kind: 'alive'; readonly why: string }
  | { readonly kind: 'unproven'; readonly why: string }
  | { readonly kind: 'ended'; readonly generation: number; readonly evidence: EvidenceKind; readonly detail: string };

/** Ends another's claim: on evidence, else on a person's word; never while the kernel says that its broker lives. */
export function* releaseByHand(request: HandRelease): Step<HandReleased> {
  const { brokerId } = request;
  const top = yield* readTop(brokerId);
  if (top.kind === 'none') return { kind: 'no-claim' };
  if (top.ended)
    return { kind: 'already-ended', generation: top.kind === 'record' ? top.record.generation : top.generation };
  if (top.kind === 'unreadable' && top.generation === 0) return { kind: 'unproven', why: top.why };
  const path = lockFile(brokerId);
  const opened = yield* openLock(path, false);
  if (!opened.ok && opened.errno === 'ENOENT') return yield* releaseOn(`${path} is gone`, top, request);
  if (!opened.ok) throw new VolumeFailure('open', path, opened.errno);
  try {
    const locked = yield* tryLock(opened.value);
    if (locked.ok && locked.value) return yield* releaseLocked(top, opened.value, request);
    if (!locked.ok) throw new VolumeFailure('lock', path, locked.errno);
    return { kind: 'alive', why: `a live process holds its id lock${yield* describeNote(opened.value)}` };
  } finally {
    yield* closeLock(opened.value);
  }
}

function* describeNote(handle: LockHandle): Step<string> {
  const text = yield* readLock(handle);
  const note = text.ok ? parseLockNote(text.value) : undefined;
  return note ? ` (generation ${note.generation}, ${note.state})` : '';
}

function* releaseLocked(top: OpenTop, handle: LockHandle, request: HandRelease): Step<HandReleased> {
  const { evidence, why } = yield* weigh(top, handle, request);
  if (!evidence) return yield* releaseOn(why, top, request);
  return yield* end(evidence, top, request);
}

/** Where there is no evidence, and why: on a person's word, if it was given. */
function* releaseOn(why: string, top: OpenTop, request: HandRelease): Step<HandReleased> {
  if (request.assertion === undefined) return { kind: 'unproven', why };
  return yield* end({ kind: 'asserted', detail: request.assertion }, top, request);
}

type Evidence = Pick<End, 'kind' | 'detail'>;

function* end({ kind, detail }: Evidence, top: OpenTop, { brokerId, by, dryRun }: HandRelease): Step<HandReleased> {
  const generation = generationOf(top);
  if (!dryRun) yield* certifyEnd({ id: brokerId, generation }, { kind, by, detail });
  return { kind: 'ended', generation, evidence: kind, detail };
}

type OpenTop = Exclude<Top, { kind: 'none' }>;

/** The evidence there is for one who holds the id lock, or why there is none. */
function* weigh(
  top: OpenTop,
  handle: LockHandle,
  { self, storage }: HandRelease,
): Step<{ evidence?: Evidence; why: string }> {
  if (top.kind === 'unreadable') return { why: `its record can't be believed: ${top.why}` };
  const text = yield* readLock(handle);
  const note = text.ok ? parseLockNote(text.value) : undefined;
  const proof = proveWithLock({ record: top.record, self, storage, sameLock: vouches(note, top.record) });
  if (proof.over) return { evidence: proof, why: '' };
  const outside = yield* askEvidence(top.record);
  if (outside.kind === 'dead') return { evidence: { kind: outside.evidence, detail: outside.detail }, why: '' };
  return { why: `held by ${describeHolder(top.record)}: ${proof.why}` };
}

interface End {
  readonly kind: EvidenceKind;
  readonly by: Pod;
  readonly detail: string;
}

/** Publishes the end certificate of a generation. False if it has one already. */
export function* certifyEnd(
  { id, generation }: { readonly id: number; readonly generation: number },
  end: End,
): Step<boolean> {
  const time = yield* wallTime();
  return yield* publish({
    directory: claimDirectory(id),
    path: endFile(id, generation),
    write: (nonce) => serialise({ layout: 1, id, generation, ...end, nonce, wallTime: time }),
  });
}
