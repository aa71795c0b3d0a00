/**
 * What log dirs take on the volume, as `du` counts it, as far as the time allows: a log dir may hold 100,000 files on a slow
 * server. Calls go to the thread pool, so that a dead mount blocks nothing but them.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogDirSight } from '../domain/status/sight.ts';
import type { MeasureOrder } from '../ports.ts';

export async function measureLogDirs(order: MeasureOrder): Promise<ReadonlyMap<string, LogDirSight>> {
  const { root, logDirs, known, timeoutMs } = order;
  const over = AbortSignal.any([order.signal, AbortSignal.timeout(timeoutMs)]);
  const late = new Promise<void>((resolve) => {
    if (over.aborted) resolve();
    else over.addEventListener('abort', () => resolve(), { once: true });
  });
  const looks = logDirs.map((name) => startLook({ path: join(root, name), isSized: !known.has(name), over }));
  await Promise.race([Promise.all(looks.map(({ done }) => done)), late]);
  return new Map(looks.map(({ soFar }, index) => [logDirs[index] ?? '', soFar()]));
}

interface Order {
  readonly path: string;
  readonly isSized: boolean;
  readonly over: AbortSignal;
}

interface Tally {
  bytes: number;
  madeAt: string | null;
  isWhole: boolean;
}

/** A call that hangs is left alone: what was counted until then is told. */
function startLook({ path, isSized, over }: Order) {
  const tally: Tally = { bytes: 0, madeAt: null, isWhole: false };
  const look = async (): Promise<void> => {
    tally.madeAt = await madeAt(path);
    if (isSized) tally.isWhole = await count(path, tally, over);
  };
  const soFar = (): LogDirSight => ({
    bytes: isSized ? tally.bytes : null,
    whole: tally.isWhole,
    madeAt: tally.madeAt,
  });
  return { done: look(), soFar };
}

/** Where a file system keeps no such time, it is zero. */
async function madeAt(path: string): Promise<string | null> {
  try {
    const { birthtimeMs } = await stat(path);
    return birthtimeMs > 0 ? new Date(birthtimeMs).toISOString() : null;
  } catch {
    return null;
  }
}

/** How many entries of a directory are asked for at once. */
const atOnce = 16;
/** A block of stat(2), whatever the file system's. */
const blockBytes = 512;

/** False if the time was over before the end, or something could not be read. What goes away meanwhile takes nothing. */
async function count(directory: string, tally: Tally, over: AbortSignal): Promise<boolean> {
  const entries = await tolerate(() => readdir(directory, { withFileTypes: true }));
  if (entries === 'unreadable') return false;
  let isWhole = true;
  for (let from = 0; from < (entries?.length ?? 0); from += atOnce) {
    if (over.aborted) return false;
    const counted = await Promise.all(
      (entries ?? []).slice(from, from + atOnce).map(async (entry) => {
        const path = join(directory, entry.name);
        if (entry.isDirectory()) return await count(path, tally, over);
        const file = await tolerate(() => stat(path));
        if (file === 'unreadable') return false;
        tally.bytes += (file?.blocks ?? 0) * blockBytes;
        return true;
      }),
    );
    isWhole &&= counted.every(Boolean);
  }
  return isWhole;
}

async function tolerate<T>(call: () => Promise<T>): Promise<T | undefined | 'unreadable'> {
  try {
    return await call();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable';
  }
}
