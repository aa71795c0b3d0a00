/** Starts the thread that has this broker elected. The thread itself is `src/elector.ts`. */
import { Worker } from 'node:worker_threads';
import type { Log } from '../ports.ts';
import type { Elector, ElectorOrder } from '../ports-kafka.ts';

/** A cluster that is too large for it costs the election, and not the agent. */
const memoryMiB = 96;

/** Whatever becomes of the thread is told as a warning, and goes no further. */
export function startElectorThread(script: string, order: ElectorOrder, log: Log): Elector {
  let stopped = false;
  const worker = new Worker(script, { workerData: order, resourceLimits: { maxOldGenerationSizeMb: memoryMiB } });
  worker.on('error', (error) => {
    if (!stopped) log.warn('cannot have this broker elected', { brokerId: order.brokerId, why: error.message });
  });
  // It must not keep a program from ending.
  worker.unref();
  return {
    stop() {
      stopped = true;
      void worker.terminate();
    },
  };
}
