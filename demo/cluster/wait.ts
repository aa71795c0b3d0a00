/** Waiting for a condition, with a deadline. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Waiting {
  /** For the message, such as `ZooKeeper to answer`. */
  readonly for: string;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly everyMs?: number;
}

/** Asks again and again until there is an answer. Throws at the deadline, and when the signal aborts. */
export async function waitFor<T>(ask: () => Promise<T | undefined> | T | undefined, waiting: Waiting): Promise<T> {
  const { deadlineMs, signal, everyMs = 50 } = waiting;
  const until = performance.now() + deadlineMs;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() >= until) {
      throw new Error(`waited ${String(Math.round(deadlineMs / 1000))} s in vain for ${waiting.for}`);
    }
    await delay(everyMs, undefined, { signal });
  }
}
