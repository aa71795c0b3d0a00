import type { Clock } from '../ports.ts';

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallTime: () => new Date().toISOString(),
  pause: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end);
    }),
};
