/**
 * One look of the guard at its claim. Superseded or without its lock, the broker must die at once; whatever else goes
 * wrong is told, and the broker lives: neither a full disk nor a silent directory listing is a second broker.
 */
import { parseEnd } from '../record.ts';
import { serialiseLockNote, type LockNote } from '../lock-note.ts';
import { isSameFile, list, read, writeLock, type LockHandle, type Step } from './effects.ts';
import { claimDirectory, endFile, lockFile, readGenerations } from './paths.ts';

export interface Held {
  readonly brokerId: number;
  readonly generation: number;
  readonly handle: LockHandle;
}

export type Beat =
  { readonly kind: 'holding'; readonly troubles: readonly string[] } | { readonly kind: 'lost'; readonly why: string };

/** What write(2) answers when the lock behind a descriptor is gone: EIO from an NFS client that lost its lease. */
const lockLost = new Set(['EIO', 'ESTALE', 'EBADF', 'ENOLCK']);

export function* beat({ brokerId, generation, handle }: Held, note: LockNote): Step<Beat> {
  const troubles: string[] = [];
  const path = lockFile(brokerId);
  const written = yield* writeLock(handle, serialiseLockNote(note));
  if (!written.ok && lockLost.has(written.errno)) return lost(`its id lock failed (${written.errno})`);
  if (!written.ok) troubles.push(`cannot write ${path}: ${written.errno}`);

  const same = yield* isSameFile(handle, path);
  if (same.ok ? !same.value : same.errno === 'ENOENT') return lost(`${path} is no longer the file that it locked`);
  if (!same.ok) troubles.push(`cannot look at ${path}: ${same.errno}`);

  const names = yield* list(claimDirectory(brokerId));
  if (!names.ok) return { kind: 'holding', troubles: [...troubles, `cannot list its generations: ${names.errno}`] };
  const { top, ended } = readGenerations(names.value.map((entry) => entry.name));
  if (top > generation) return lost(`generation ${top} stands, and it holds generation ${generation}`);
  if (top === generation && ended) return lost(yield* describeEnd(brokerId, generation));
  return { kind: 'holding', troubles };
}

const lost = (why: string): Beat => ({ kind: 'lost', why });

function* describeEnd(id: number, generation: number): Step<string> {
  const text = yield* read(endFile(id, generation));
  const end = text.ok ? parseEnd(text.value, { id, generation }) : undefined;
  if (!end?.ok) return `generation ${generation} was declared over`;
  return `generation ${generation} was declared over by "${end.value.by.name}" (${end.value.kind}: ${end.value.detail})`;
}
