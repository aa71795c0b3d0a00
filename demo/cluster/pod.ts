/** A "pod" without Kubernetes: `barnabas run` with a broker below it, a name, a UID and an address of its own. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brokerCommand, throughScripts, type Jars } from './jars.ts';
import { waitFor } from './wait.ts';

const agent = resolve(import.meta.dirname, '../../dist/barnabas.js');

export interface PodOrder {
  readonly jars: Jars;
  readonly name: string;
  readonly ip: string;
  /** The shared volume. */
  readonly volume: string;
  /** Where its log and its configuration go. */
  readonly directory: string;
  readonly zookeeper: string;
  readonly brokers: number;
  /** `KAFKA_…` and other variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** More flags of `barnabas run`. */
  readonly flags?: readonly string[];
}

export interface PodEnd {
  readonly status: number | string;
}

export interface Pod {
  readonly name: string;
  readonly ip: string;
  /** When it was started, of performance.now(). */
  readonly startedMs: number;
  readonly ended: Promise<PodEnd>;
  /** Undefined while it lives. */
  end(): PodEnd | undefined;
  /** What the agent and the broker have written so far. */
  output(): string;
  /** Resolves when the pattern is written; throws at the deadline, or when the pod ends first without. */
  wrote(pattern: RegExp, deadlineMs: number, signal?: AbortSignal): Promise<RegExpExecArray>;
  /** The id it has claimed, or undefined so far. */
  brokerId(): number | undefined;
  /** The broker's process, or undefined so far. */
  brokerPid(): number | undefined;
  /** Whether its end was asked for. */
  killed(): boolean;
  /** SIGKILL to the agent and its broker at once: what a machine's crash is to a pod. Waits for the end of both. */
  kill(): Promise<void>;
  /** SIGKILL to the agent alone: its broker lives on. */
  killAgent(): Promise<void>;
  /** SIGTERM, as the kubelet does it; waits for the end. Kills after the deadline. */
  stop(deadlineMs?: number): Promise<PodEnd>;
}

export function startPod(order: PodOrder): Pod {
  // Straight to a file: once the process has ended, all that it wrote is there to be read, and a broker that outlives its
  // agent writes on.
  const path = join(order.directory, `${order.name}.log`);
  const log = openSync(path, 'a');
  const child = spawn(process.execPath, [agent, ...wordsOf(order)], {
    env: { ...ownEnvironment(), ...identityOf(order), ...order.environment },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const startedMs = performance.now();
  const output = growing(path);
  let end: PodEnd | undefined;
  const ended = new Promise<PodEnd>((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code, signal) => done((end = { status: code ?? signal ?? 'unknown' })));
  });
  const brokerPid = (): number | undefined => numberIn(/started the broker .*\bpid=(\d+)/, output());
  let asked = false;
  const kill = async (): Promise<void> => {
    asked ||= end === undefined;
    const broker = brokerPid();
    child.kill('SIGKILL');
    if (broker !== undefined) killGroup(broker);
    await ended;
    if (broker === undefined) return;
    await waitFor(() => !isAlive(broker) || undefined, {
      for: `process ${broker} to end`,
      deadlineMs: 10_000,
      everyMs: 5,
    });
  };
  return {
    name: order.name,
    ip: order.ip,
    startedMs,
    ended,
    end: () => end,
    output,
    wrote: (pattern, deadlineMs, signal) =>
      waitFor(
        () => {
          const how = end;
          const match = pattern.exec(output());
          if (match) return match;
          if (how) throw new Error(`${order.name} ended with ${how.status} without ${String(pattern)}:\n${output()}`);
          return undefined;
        },
        { for: `${order.name} to write ${String(pattern)}`, deadlineMs, signal, everyMs: 20 },
      ),
    brokerId: () => numberIn(/claimed broker id .*\bbrokerId=(\d+)/, output()),
    brokerPid,
    killed: () => asked,
    kill,
    async killAgent() {
      asked ||= end === undefined;
      child.kill('SIGKILL');
      await ended;
    },
    async stop(deadlineMs = 30_000) {
      asked ||= end === undefined;
      child.kill('SIGTERM');
      const late = setTimeout(() => void kill(), deadlineMs);
      const how = await ended;
      clearTimeout(late);
      return how;
    },
  };
}

/** What a file that only grows holds by now; each byte of it is read once. */
function growing(path: string): () => string {
  const buffer = Buffer.alloc(64 * 1024);
  const decoder = new TextDecoder();
  let position = 0;
  let text = '';
  return () => {
    const file = openSync(path, 'r');
    try {
      for (let read = 1; read > 0; position += read) {
        read = readSync(file, buffer, 0, buffer.length, position);
        text += decoder.decode(buffer.subarray(0, read), { stream: true });
      }
    } finally {
      closeSync(file);
    }
    return text;
  };
}

/** Nothing of whoever runs the demo reaches the pods but the way to java. */
function ownEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'JAVA_HOME', 'LANG', 'BARNABAS_TEST_RUN'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

const identityOf = ({ name, ip }: PodOrder): Record<string, string> => ({
  POD_NAME: name,
  POD_NAMESPACE: 'default',
  POD_UID: randomUUID(),
  POD_IP: ip,
  KAFKA_LISTENERS: `PLAINTEXT://${ip}:9092`,
});

const wordsOf = ({ jars, name, volume, directory, zookeeper, brokers, flags = [] }: PodOrder): string[] => [
  ...['run', '--volume', volume, '--brokers', String(brokers), '--zookeeper', zookeeper],
  ...['--config-out', join(directory, `${name}.properties`), ...flags, '--', ...throughScripts(brokerCommand(jars))],
];

function numberIn(pattern: RegExp, text: string): number | undefined {
  const match = pattern.exec(text);
  return match ? Number(match[1]) : undefined;
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A zombie is dead: whoever inherited it may take its time to reap it. Source: proc(5). */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
