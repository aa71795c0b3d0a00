/**
 * Keeps a crowd of starters orderly with proper-lockfile: one at a time looks for an id, for as long as that works.
 *
 * It is no guard of correctness: two contenders for its stale lock can both win, and it compares clocks of two machines
 * (moxystudio/node-proper-lockfile#121). Whoever does not get its turn within the time does without.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import { temporaryDirectory } from '../domain/protocol/paths.ts';
import type { StartQueue } from '../ports.ts';

export function openStartQueue(root: string): StartQueue {
  let release: (() => Promise<void>) | undefined;
  return {
    async enter(timeoutMs) {
      const stepMs = 50;
      try {
        release = await lock(root, {
          fs,
          realpath: false,
          lockfilePath: join(root, temporaryDirectory, 'starters.lock'),
          retries: { retries: Math.ceil(timeoutMs / stepMs), minTimeout: stepMs, maxTimeout: stepMs, factor: 1 },
          onCompromised: () => (release = undefined),
        });
      } catch {
        // No turn within the time, or no way to queue here: the claim itself settles every race.
        release = undefined;
      }
    },
    async leave() {
      const leave = release;
      release = undefined;
      // Fails only if the lock was taken over as stale; then it is not ours to remove.
      await leave?.().catch(() => undefined);
    },
  };
}
