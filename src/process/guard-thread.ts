/** Starts the watchdog's thread and talks to it. The thread itself is `src/guard.ts`. */
import { Worker } from 'node:worker_threads';
import type { LockNote } from '../domain/lock-note.ts';
import type { Guard, GuardOrder, Log } from '../ports.ts';

/** From the program to the thread. */
export type ToGuard = { readonly kind: 'note'; readonly change: Partial<LockNote> } | { readonly kind: 'stop' };

/** From the thread to the program. */
export type FromGuard =
  | { readonly kind: 'lost'; readonly why: string }
  | { readonly kind: 'trouble'; readonly troubles: readonly string[] }
  | { readonly kind: 'stopped' };

/**
 * The thread shares this process's descriptors and nothing else: a blocked event loop or a full pipe here does not hold
 * it up. Should it fail by itself, the broker runs on unguarded for the moment, and a new one is started.
 */
export async function startGuardThread(script: string, order: GuardOrder, log: Log): Promise<Guard> {
  let worker: Worker;
  let state: Partial<LockNote> = {};
  let done = false;
  let tellLost: (why: string) => void;
  const lost = new Promise<string>((resolve) => (tellLost = resolve));

  const send = (message: ToGuard): void => worker.postMessage(message);
  const start = async (): Promise<void> => {
    worker = new Worker(script, { workerData: order });
    worker.on('message', (message: FromGuard) => {
      if (message.kind === 'lost') {
        done = true;
        tellLost(message.why);
      }
      if (message.kind === 'trouble') log.warn('the guard is in trouble', { troubles: message.troubles.join('; ') });
    });
    worker.on('error', (error) => log.error('the guard failed', { reason: error.message }));
    worker.once('exit', () => {
      if (!done) setTimeout(() => void start(), 1000);
    });
    await new Promise<void>((resolve) => worker.once('online', resolve));
    send({ kind: 'note', change: state });
  };
  await start();

  return {
    lost,
    note(change) {
      state = { ...state, ...change };
      send({ kind: 'note', change });
    },
    async stop() {
      if (done) return;
      done = true;
      const stopped = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      send({ kind: 'stop' });
      // A thread that hangs in a dead mount does not hear us; it must not hold up the end of the broker's run.
      const late = setTimeout(() => void worker.terminate(), 2000);
      await stopped;
      clearTimeout(late);
    },
  };
}
