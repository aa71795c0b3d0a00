/**
 * What the holder writes into its id lock's file: a beat that others may see move, whether it is shutting down, and
 * how to recognise its broker's registration after its death.
 *
 * No safety hangs on it: the file is read by one who holds the lock, or as a hint. It has one fixed length, so that
 * writing it in place takes no space on a full volume, and a torn one does not parse.
 */
import type { RegistrationNote } from './registration.ts';

export interface LockNote {
  readonly generation: number;
  readonly state: 'claimed' | 'running' | 'stopping' | 'ended';
  readonly beat: number;
  readonly registration: RegistrationNote | null;
}

/** Bytes. */
export const lockNoteLength = 512;

export function serialiseLockNote(note: LockNote): string {
  return `${JSON.stringify(note).padEnd(lockNoteLength - 1)}\n`;
}

/** Undefined for an empty, torn or alien note: then nothing is known. */
export function parseLockNote(text: string): LockNote | undefined {
  if (text.length !== lockNoteLength) return undefined;
  try {
    const note = JSON.parse(text) as Partial<LockNote> | null;
    const whole = typeof note?.generation === 'number' && typeof note.state === 'string';
    return whole && note.registration !== undefined ? (note as LockNote) : undefined;
  } catch {
    return undefined;
  }
}
