/** How much may be on its way at once. */

export interface Caps {
  readonly partitions: number;
  readonly bytes: number;
}

export const defaultCaps: Caps = { partitions: 100, bytes: 100e9 };

interface Sized {
  /** Null: not known. */
  readonly bytes: number | null;
}

/**
 * The next to go, in order, so that with those in flight no cap is exceeded. A partition larger than the whole cap goes when
 * nothing else does; smaller ones behind it wait for it, or it never went.
 */
export function nextBatch<T extends Sized>(waiting: readonly T[], flying: readonly Sized[], caps: Caps): T[] {
  const batch: T[] = [];
  let bytes = sum(flying);
  for (const move of waiting) {
    const size = move.bytes ?? 0;
    const isFirst = batch.length + flying.length === 0;
    if (batch.length + flying.length >= caps.partitions) break;
    if (bytes + size > caps.bytes && !isFirst) break;
    batch.push(move);
    bytes += size;
  }
  return batch;
}

const sum = (moves: readonly Sized[]): number => moves.reduce((total, { bytes }) => total + (bytes ?? 0), 0);
