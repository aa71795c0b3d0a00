/**
 * Old generations go, but never the newest 64: a claimant that was parked with a stale view may still link a low
 * number, and finds a higher top when it lists again. Names in use near the top are never free for it to take.
 */
import { list, tell, unlink, type Step } from './effects.ts';
import { claimDirectory, readGenerations } from './paths.ts';

const keptGenerations = 64;

/** Failing to collect is told, and is no failure of the claim. */
export function* collectOld(id: number, top: number): Step<void> {
  if (top <= keptGenerations) return;
  const directory = claimDirectory(id);
  const names = yield* list(directory);
  if (!names.ok) return;
  for (const { name, generation } of readGenerations(names.value.map((entry) => entry.name)).documents) {
    if (generation > top - keptGenerations) continue;
    const path = `${directory}/${name}`;
    const gone = yield* unlink(path);
    if (!gone.ok && gone.errno !== 'ENOENT') yield* tell({ kind: 'uncollected', path, errno: gone.errno });
  }
}
