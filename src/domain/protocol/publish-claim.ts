/**
 * The last steps of an attempt: note the generation in the id lock's file, make the log dir, publish the record, and see
 * that it stands on top. Whatever fails on the way leaves nothing behind that keeps the id from anybody.
 */
import { serialiseLockNote, type LockNote } from '../lock-note.ts';
import { parseRecord, serialise, type Pod } from '../record.ts';
import type { ClaimRequest } from './claim.ts';
import { list, read, removeDirectory, wallTime, writeLock, type LockHandle, type Step } from './effects.ts';
import { VolumeFailure } from './failure.ts';
import { makeIfMissing } from './layout.ts';
import { claimDirectory, lockFile, readGenerations, recordFile } from './paths.ts';
import { publish } from './publish.ts';
import { certifyEnd } from './release.ts';

export interface NewClaim {
  readonly id: number;
  readonly generation: number;
  readonly logDir: string;
}

export interface TakenLock {
  readonly handle: LockHandle;
  /** What the last holder noted of its broker: it stays in the note until its registration has been cleared. */
  readonly registration: LockNote['registration'];
}

/** `lost`: another's record has the name; `superseded`: ours is there, and a newer one stands. */
export function* publishClaim(
  claim: NewClaim,
  { handle, registration }: TakenLock,
  request: ClaimRequest,
): Step<'ours' | 'lost' | 'superseded'> {
  const { id, generation } = claim;
  yield* noteClaim(id, handle, { generation, state: 'claimed', beat: 0, registration });
  if (!(yield* publishInto(claim, request))) return 'lost';
  return (yield* confirm(claim, request)) ? 'ours' : 'superseded';
}

/** The lock's file is to know of a generation before anyone else does: only then does the lock speak of it. */
function* noteClaim(id: number, handle: LockHandle, note: LockNote): Step<void> {
  const written = yield* writeLock(handle, serialiseLockNote(note));
  if (!written.ok) throw new VolumeFailure('write', lockFile(id), written.errno);
}

/**
 * Whether ours is the newest. Where that can't be seen the claim has failed, and no other id is tried: a pod with two
 * open claims keeps one from everybody else.
 */
function* confirm(claim: NewClaim, { pod }: ClaimRequest): Step<boolean> {
  const names = yield* list(claimDirectory(claim.id));
  const top = names.ok ? readGenerations(names.value.map(({ name }) => name)).top : 0;
  if (top > claim.generation) return false;
  if (top === claim.generation) return true;
  yield* retract(claim, pod);
  throw new VolumeFailure('list', claimDirectory(claim.id), names.ok ? 'ESTALE' : names.errno);
}

/** Ends a claim of ours that failed once its record was there. If that fails too, our own pod takes it up again. */
function* retract({ id, generation }: NewClaim, by: Pod): Step<void> {
  const text = yield* read(recordFile(id, generation));
  const record = text.ok ? parseRecord(text.value, { id, generation }) : undefined;
  if (!record?.ok || record.value.pod.uid !== by.uid) return;
  try {
    yield* certifyEnd(record.value, { kind: 'released', by, detail: 'its claim failed before a broker was started' });
  } catch (error) {
    if (!(error instanceof VolumeFailure)) throw error;
  }
}

/** A log dir made for nothing goes again: on a full volume nothing is left behind. */
function* publishInto(claim: NewClaim, request: ClaimRequest): Step<boolean> {
  const made = yield* makeIfMissing(claim.logDir);
  try {
    return yield* publishRecord(claim, request);
  } catch (error) {
    yield* retract(claim, request.pod);
    if (made) yield* removeDirectory(claim.logDir);
    throw error;
  }
}

function* publishRecord({ id, generation }: NewClaim, request: ClaimRequest): Step<boolean> {
  const { self, pod, mode, start } = request;
  const time = yield* wallTime();
  const node = self.node ?? null;
  const base = { layout: 1, id, generation, pod, node, bootId: self.bootId, mode, start, wallTime: time } as const;
  return yield* publish({
    directory: claimDirectory(id),
    path: recordFile(id, generation),
    write: (nonce) => serialise({ ...base, nonce }),
  });
}
