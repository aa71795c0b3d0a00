/**
 * A sidecar that was restarted beside its living broker takes up its own claim again. Nothing is published: the
 * generation is the same, and so is its holder, this pod.
 */
import { parseLockNote } from '../lock-note.ts';
import type { Attempt } from './attempt.ts';
import { closeLock, isSameFile, openLock, readLock, tryLock, type LockHandle, type Step } from './effects.ts';
import { logDirNameOf } from '../ids.ts';
import { lockFile } from './paths.ts';
import { readTop, survey, type IdView } from './survey.ts';

export type Resumed =
  | { readonly kind: 'resumed'; readonly claimed: NonNullable<Attempt['claimed']> }
  /** This pod holds no claim that is still open: another may have its id by now. */
  | { readonly kind: 'lost'; readonly why: string }
  /** Some starter is looking at it this very moment: try again. */
  | { readonly kind: 'busy'; readonly why: string };

export function* resume(podUid: string): Step<Resumed> {
  const { ids } = yield* survey();
  const own = ids.find(({ top }) => top.kind === 'record' && !top.ended && top.record.pod.uid === podUid);
  if (!own || own.top.kind !== 'record') return { kind: 'lost', why: 'no open claim on the volume is of this pod' };
  const path = lockFile(own.id);
  const opened = yield* openLock(path, false);
  if (!opened.ok) return { kind: 'lost', why: `${path} can't be opened (${opened.errno})` };
  const handle = opened.value;
  const resumed = yield* lockAgain(own, own.top.record.generation, handle);
  if (resumed.kind !== 'resumed') yield* closeLock(handle);
  return resumed;
}

function* lockAgain(own: IdView, generation: number, handle: LockHandle): Step<Resumed> {
  const path = lockFile(own.id);
  const locked = yield* tryLock(handle);
  if (!locked.ok) return { kind: 'lost', why: `${path} can't be locked (${locked.errno})` };
  if (!locked.value) return { kind: 'busy', why: `${path} is locked by another` };
  const same = yield* isSameFile(handle, path);
  if (!same.ok || !same.value) return { kind: 'lost', why: `${path} is no longer the file that was claimed with` };
  const top = yield* readTop(own.id);
  if (top.kind !== 'record' || top.ended || top.record.generation !== generation) {
    return { kind: 'lost', why: `generation ${generation} is over` };
  }
  const text = yield* readLock(handle);
  const note = text.ok ? parseLockNote(text.value) : undefined;
  const logDir = own.logDirs[0] ?? logDirNameOf(own.id);
  const claimed = { brokerId: own.id, generation, handle, logDir, evidence: 'own', deathCertain: false, note } as const;
  return { kind: 'resumed', claimed };
}
