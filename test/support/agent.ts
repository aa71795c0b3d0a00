/** Runs the built agent (`npm run build`) as real processes, and looks at what it did to a volume. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export const agentPath = resolve(import.meta.dirname, '../../dist/barnabas.js');

export interface AgentOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A command to run it under, such as `['unshare', '--pid', '--fork']`. */
  readonly under?: readonly string[];
}

export interface Finished {
  /** The exit status, or the name of the signal that killed it. */
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningAgent {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly finished: Promise<Finished>;
  stdout(): string;
  stderr(): string;
  /** Resolves when stderr matches; fails after the deadline or when the agent ends first without. */
  logged(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>;
  /** Live processes that were started below it. */
  descendants(): number[];
}

/** No setting of the machine that runs the tests reaches the agent. */
function cleanEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'BARNABAS_TEST_RUN', 'BARNABAS_CACHE', 'JAVA_HOME'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

export function startAgent(words: readonly string[], { env = {}, under = [] }: AgentOptions = {}): RunningAgent {
  const [file = '', ...args] = [...under, process.execPath, agentPath, ...words];
  const child = spawn(file, args, { env: { ...cleanEnvironment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  let status: number | string | undefined;
  const ended = new Promise<void>((done) => {
    child.once('exit', (code, signal) => {
      status = code ?? signal ?? 'unknown';
      done();
    });
  });
  const closed = new Promise<void>((done) => child.once('close', () => done()));
  // A broker that outlives its wrapper keeps the pipes open, so the end of the output is waited for, but not for ever.
  const finished = ended.then(async () => {
    const late = new AbortController();
    await Promise.race([closed, delay(2000, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    return { status: status ?? 'unknown', stdout, stderr };
  });
  const pid = Number(child.pid);
  return {
    child,
    pid,
    finished,
    stdout: () => stdout,
    stderr: () => stderr,
    async logged(pattern, deadlineMs = 15_000) {
      const done = (): boolean => pattern.test(stderr) || status !== undefined;
      await until(done, () => `${String(pattern)} in:\n${stderr}`, deadlineMs);
      const match = pattern.exec(stderr);
      if (!match) throw new Error(`the agent ended with ${String(status)} without ${String(pattern)}:\n${stderr}`);
      return match;
    },
    descendants: () => descendantsOf(pid),
  };
}

export const agent = (words: readonly string[], options?: AgentOptions): Promise<Finished> =>
  startAgent(words, options).finished;

/** What `claim --json` prints. */
export interface ClaimResult {
  readonly brokerId: number;
  readonly generation: number;
  readonly logDir: string;
  readonly config: string;
  readonly evidence: string;
  readonly waitedMs: number;
  readonly decisions: readonly { readonly id: number; readonly verdict: string; readonly why: string }[];
}

/** Polls a condition. Fails with what was awaited. */
export async function until(
  condition: () => boolean,
  awaited: string | (() => string),
  deadlineMs = 15_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > deadline) {
      const what = typeof awaited === 'string' ? awaited : awaited();
      throw new Error(`not within ${String(deadlineMs)} ms: ${what}`);
    }
    await delay(15);
  }
}

function descendantsOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // Ended since the listing.
    }
  }
  const below = (pid: number): number[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(root);
}

export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    return !['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0] ?? '');
  } catch {
    return false;
  }
}

export interface Scratch {
  readonly directory: string;
  readonly volume: string;
  /** A place for `--config-out`. */
  readonly config: string;
  remove(): void;
}

/** A private directory with an empty volume in it. */
export function scratch(): Scratch {
  const directory = mkdtempSync(join(tmpdir(), 'agent-'));
  const volume = join(directory, 'volume');
  mkdirSync(volume);
  return {
    directory,
    volume,
    config: join(directory, 'server-{id}.properties'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Every path below a directory with its kind, mode and content: equal means that nothing was changed. */
export function treeOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(directory, name);
      const stat = lstatSync(path);
      const content = stat.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
      return `${name} ${stat.mode.toString(8)} ${String(stat.size * Number(stat.isFile()))} ${content}`;
    });
}
