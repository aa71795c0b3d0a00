/**
 * What the claim protocol asks of the world, one value an effect.
 *
 * The protocol is written once, as generators that yield these. A runner executes them: for real
 * (`volume/runner.ts`), or on a model file system.
 */
import type { ClaimRecord } from '../record.ts';
import type { OutsideEvidence } from '../evidence.ts';
import type { ProtocolEvent } from './events.ts';

/** What a call to the file system gave: a value, or the name of its errno (`ENOENT`, `EIO`, …). */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errno: string };

/** An entry of a directory. */
export interface Entry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** A numeric descriptor: never an object whose collection would drop the lock. */
export type LockHandle = number & { readonly lockHandle: unique symbol };

/** What this machine's kernel shows of a lock file, without touching the lock: a hint for people. */
export type LockState = 'held' | 'free' | 'absent';

export type Effect =
  | { readonly op: 'list'; readonly path: string }
  | { readonly op: 'read'; readonly path: string }
  | { readonly op: 'create'; readonly path: string; readonly text: string }
  | { readonly op: 'link'; readonly existing: string; readonly name: string }
  | { readonly op: 'unlink'; readonly path: string }
  | { readonly op: 'makeDirectory'; readonly path: string }
  | { readonly op: 'removeDirectory'; readonly path: string }
  | { readonly op: 'syncDirectory'; readonly path: string }
  | { readonly op: 'openLock'; readonly path: string; readonly make: boolean }
  | { readonly op: 'tryLock'; readonly handle: LockHandle }
  | { readonly op: 'isSameFile'; readonly handle: LockHandle; readonly path: string }
  | { readonly op: 'readLock'; readonly handle: LockHandle }
  | { readonly op: 'writeLock'; readonly handle: LockHandle; readonly text: string }
  | { readonly op: 'closeLock'; readonly handle: LockHandle }
  | { readonly op: 'probeKafkaLock'; readonly path: string }
  | { readonly op: 'lockState'; readonly path: string }
  | { readonly op: 'areLocked'; readonly paths: readonly string[] }
  | { readonly op: 'askEvidence'; readonly record: ClaimRecord }
  | { readonly op: 'enterQueue' }
  | { readonly op: 'leaveQueue' }
  | { readonly op: 'nonce' }
  | { readonly op: 'wallTime' }
  | { readonly op: 'elapsedMs' }
  | { readonly op: 'pause'; readonly ms: number }
  /** About that long: half of it to one and a half, so that a crowd does not move in step. */
  | { readonly op: 'pauseAround'; readonly ms: number }
  | { readonly op: 'tell'; readonly event: ProtocolEvent };

/** A piece of the protocol that ends with a T. */
export type Step<T> = Generator<Effect, T, unknown>;

/** The one place where a runner's answer gets its type back. */
function* perform<T>(effect: Effect): Step<T> {
  return (yield effect) as T;
}

export const list = (path: string) => perform<Outcome<Entry[]>>({ op: 'list', path });
export const read = (path: string) => perform<Outcome<string>>({ op: 'read', path });
export const create = (path: string, text: string) => perform<Outcome<void>>({ op: 'create', path, text });
export const link = (existing: string, name: string) => perform<Outcome<void>>({ op: 'link', existing, name });
export const unlink = (path: string) => perform<Outcome<void>>({ op: 'unlink', path });
export const makeDirectory = (path: string) => perform<Outcome<void>>({ op: 'makeDirectory', path });
export const removeDirectory = (path: string) => perform<Outcome<void>>({ op: 'removeDirectory', path });
export const syncDirectory = (path: string) => perform<Outcome<void>>({ op: 'syncDirectory', path });
/** `make`: whether to make it if it is missing. Only where nobody can hold the one that was there before. */
export const openLock = (path: string, make: boolean) => perform<Outcome<LockHandle>>({ op: 'openLock', path, make });
export const tryLock = (handle: LockHandle) => perform<Outcome<boolean>>({ op: 'tryLock', handle });
export const isSameFile = (handle: LockHandle, path: string) =>
  perform<Outcome<boolean>>({ op: 'isSameFile', handle, path });
export const readLock = (handle: LockHandle) => perform<Outcome<string>>({ op: 'readLock', handle });
export const writeLock = (handle: LockHandle, text: string) =>
  perform<Outcome<void>>({ op: 'writeLock', handle, text });
export const closeLock = (handle: LockHandle) => perform<undefined>({ op: 'closeLock', handle });
export const probeKafkaLock = (path: string) =>
  perform<Outcome<'free' | 'held' | 'absent'>>({ op: 'probeKafkaLock', path });
export const lockState = (path: string) => perform<Outcome<LockState>>({ op: 'lockState', path });
export const areLocked = (paths: readonly string[]) => perform<boolean[]>({ op: 'areLocked', paths });
export const askEvidence = (record: ClaimRecord) => perform<OutsideEvidence>({ op: 'askEvidence', record });
export const enterQueue = () => perform<undefined>({ op: 'enterQueue' });
export const leaveQueue = () => perform<undefined>({ op: 'leaveQueue' });
export const nonce = () => perform<string>({ op: 'nonce' });
export const wallTime = () => perform<string>({ op: 'wallTime' });
export const elapsedMs = () => perform<number>({ op: 'elapsedMs' });
export const pause = (ms: number) => perform<undefined>({ op: 'pause', ms });
export const pauseAround = (ms: number) => perform<undefined>({ op: 'pauseAround', ms });
export const tell = (event: ProtocolEvent) => perform<undefined>({ op: 'tell', event });
