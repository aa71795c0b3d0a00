/** Several ways to one thing: the next is tried while the others have not answered yet. */
import { setTimeout as delay } from 'node:timers/promises';

const headStartMs = 300;

/** The first that succeeds; where none does, throws what they threw, in their order. */
export async function firstOf<Way, T>(ways: readonly Way[], attempt: (way: Way) => Promise<T>): Promise<T> {
  const errors: unknown[] = [];
  const done = new AbortController();
  const running: Promise<T>[] = [];
  try {
    for (const [index, way] of ways.entries()) {
      const tried = attempt(way);
      tried.catch((error: unknown) => (errors[index] = error));
      running.push(tried);
      const wait = delay(headStartMs, undefined, { signal: done.signal }).catch(() => undefined);
      const settled = tried.then(
        () => true,
        () => false,
      );
      if (await Promise.race([settled, wait])) break;
    }
    return await Promise.any(running);
  } catch {
    throw new AttemptsFailed(errors);
  } finally {
    done.abort();
  }
}

export class AttemptsFailed extends Error {
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    super('every attempt failed');
    this.name = 'AttemptsFailed';
    this.errors = errors;
  }
}
