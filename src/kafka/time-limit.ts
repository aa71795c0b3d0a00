/** One signal for all that can end a call: its deadline's time, its caller, the closing of what it calls. */
import type { Deadline } from '../ports.ts';

/** `timeout`: the time passed. `aborted`: the caller wants it no more. `closed`: what was called is closed. */
export type LimitKind = 'timeout' | 'aborted' | 'closed';

export class LimitReached extends Error {
  readonly kind: LimitKind;

  constructor(kind: LimitKind) {
    super(kind);
    this.name = 'LimitReached';
    this.kind = kind;
  }
}

/** Longer than this, a timer of Node.js fires at once. */
const maxTimerMs = 0x7fffffff;

/** Runs `work` with a signal that aborts with a {@link LimitReached}. Leaves no timer and no listener. */
export async function within<T>(
  { timeoutMs, signal }: Deadline,
  closed: AbortSignal,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const onAbort = (): void => limit.abort(new LimitReached('aborted'));
  const onClose = (): void => limit.abort(new LimitReached('closed'));
  if (signal.aborted) onAbort();
  if (closed.aborted) onClose();
  signal.addEventListener('abort', onAbort);
  closed.addEventListener('abort', onClose);
  const timer = setTimeout(() => limit.abort(new LimitReached('timeout')), Math.min(timeoutMs, maxTimerMs));
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    closed.removeEventListener('abort', onClose);
  }
}

/** Settles as the promise does, or rejects with the signal's reason, whichever comes first. */
export function orAbort<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Rejects with the signal's reason when it aborts; its timer is gone then. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
