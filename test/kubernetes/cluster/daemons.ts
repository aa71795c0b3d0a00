/** Long-running programs of one cluster: each with its log in a file, ended in the reverse order of their start. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Daemon {
  readonly name: string;
  readonly pid: number;
  readonly running: () => boolean;
  /** SIGTERM, and SIGKILL after a while. */
  stop(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

export interface Daemons {
  /** Of this cluster: logs, configurations, data. */
  readonly directory: string;
  /** Where Kubernetes' programs are. */
  readonly binaries: string;
  start(name: string, command: readonly string[]): Daemon;
  /** The end of a daemon's log. */
  logOf(name: string): string;
  stopAll(): Promise<void>;
}

const graceMs = 10_000;

export function daemonsIn(directory: string, binaries: string): Daemons {
  const started: Daemon[] = [];
  mkdirSync(join(directory, 'log'), { recursive: true });
  const logFile = (name: string): string => join(directory, 'log', `${name}.log`);
  return {
    directory,
    binaries,
    start(name, [file = '', ...words]) {
      const log = openSync(logFile(name), 'a');
      const child = spawn(file, words, { cwd: directory, stdio: ['ignore', log, log], detached: true });
      closeSync(log);
      const daemon = daemonOf(name, child);
      started.push(daemon);
      return daemon;
    },
    logOf: (name) => readFileSync(logFile(name), 'utf8').slice(-3000),
    async stopAll() {
      for (const daemon of started.reverse()) await daemon.stop();
    },
  };
}

function daemonOf(name: string, child: ChildProcess): Daemon {
  const state = { ended: false };
  const end = new Promise<void>((resolve) => {
    const done = (): void => {
      state.ended = true;
      resolve();
    };
    child.once('exit', done);
    child.once('error', done);
  });
  const running = (): boolean => !state.ended;
  return {
    name,
    pid: Number(child.pid),
    running,
    signal: (signal) => void child.kill(signal),
    async stop() {
      if (!running()) return;
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const late = new AbortController();
      await Promise.race([end, delay(graceMs, undefined, { signal: late.signal }).catch(() => undefined)]);
      late.abort();
      if (running()) child.kill('SIGKILL');
      await end;
    },
  };
}
