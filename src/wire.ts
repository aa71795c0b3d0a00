/** Settings to real ports: with `guard.ts`, the only place that imports implementations. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { BarnabasError } from './errors.ts';
import type { EvidenceSource, Processes, World } from './ports.ts';
import { systemClock } from './process/clock.ts';
import { localFiles } from './process/files.ts';
import { createLog } from './process/log.ts';
import { firstAddress, readMachine, readStorage } from './process/machine.ts';
import { standardOutput } from './process/output.ts';
import { systemRandomness } from './process/randomness.ts';
import { hearSignals } from './process/signals.ts';
import { writeLine } from './process/write.ts';

export interface Wiring {
  readonly logFormat: 'text' | 'json';
  /** The file of the guard's thread. */
  readonly guardScript: string;
}

/** The real world, and how to let go of it. */
export function wire({ logFormat, guardScript }: Wiring): { readonly world: World; readonly close: () => void } {
  const log = createLog({
    format: logFormat,
    write: (line) => writeLine(2, line),
    now: () => systemClock.wallTime(),
  });
  const stopped = new AbortController();
  const { processes, close } = wireProcesses((signal) => stopped.abort(signal));
  const world: World = {
    environment: process.env,
    machine: () => ({ ...readMachine(), address: firstAddress() }),
    clock: systemClock,
    randomness: systemRandomness,
    log,
    output: standardOutput,
    files: localFiles,
    processes,
    signal: stopped.signal,
    openVolume,
    async openRegistry(connect) {
      const { openZooKeeperRegistry } = await import('./kafka/zookeeper.ts');
      return openZooKeeperRegistry({ connect, log });
    },
    async startGuard(order) {
      const { startGuardThread } = await import('./process/guard-thread.ts');
      return await startGuardThread(guardScript, order, log);
    },
  };
  return { world, close };
}

async function openVolume(root: string) {
  if (!isDirectory(root)) {
    const hint = 'is the volume mounted, and --volume right?';
    throw new BarnabasError('volume-missing', `cannot use the volume ${root}: there is no such directory; ${hint}`);
  }
  const { openVolume: openFileVolume } = await import('./volume/file-volume.ts');
  const queue = {
    queue: undefined as Awaited<ReturnType<typeof loadQueue>> | undefined,
    async enter(timeoutMs: number) {
      this.queue ??= await loadQueue(root);
      await this.queue.enter(timeoutMs);
    },
    async leave() {
      await this.queue?.leave();
    },
  };
  return { volume: openFileVolume(root), storage: readStorage(root), queue, evidence: noEvidence };
}

/** Only a crowd needs it. */
async function loadQueue(root: string) {
  const { openStartQueue } = await import('./volume/start-queue.ts');
  return openStartQueue(root);
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Outside Kubernetes nobody but the volume and this machine can tell. */
const noEvidence: EvidenceSource = {
  ask: () => Promise.resolve({ kind: 'unknown', why: 'nobody outside the volume was asked' }),
};

/** Signals go to the latest who hears them; before anybody does, they stop the program. */
function wireProcesses(stop: (signal: NodeJS.Signals) => void): { processes: Processes; close: () => void } {
  const listeners = [stop];
  const close = hearSignals((signal) => listeners.at(-1)?.(signal));
  const processes: Processes = {
    start: async (command, lock) => (await import('./process/child.ts')).startChild(command, lock),
    hear(listener) {
      listeners.push(listener);
      return () => void listeners.splice(listeners.indexOf(listener), 1);
    },
  };
  return { processes, close };
}

export const guardScriptBeside = (directory: string): string => join(directory, 'guard.js');
