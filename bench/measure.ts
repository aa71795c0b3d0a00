/** Times of whole processes. The machine's speed drifts, so what is compared runs in turn, and ratios go pair by pair. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Command {
  readonly name: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** After each run. */
  readonly reset?: () => void;
}

export interface Timing {
  readonly name: string;
  /** Milliseconds of wall time, in the order of the rounds. */
  readonly ms: readonly number[];
}

/** How long it took, and the most memory that the process itself had resident. */
export interface Run {
  readonly ms: number;
  readonly peakMiB: number;
}

/** Resolves with the wall time in milliseconds; throws if the command fails. */
export const timeOnce = async (command: Command): Promise<number> => (await runOnce(command)).ms;

const peakPollMs = 20;

export async function runOnce({ name, words, env }: Command): Promise<Run> {
  const fromMs = performance.now();
  const child = spawn(words[0] ?? '', words.slice(1), {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  // A high-water mark only rises: the last look before the end tells it, but for what came in the last moment.
  let peakMiB = 0;
  const look = setInterval(() => (peakMiB = Math.max(peakMiB, highWaterMiB(Number(child.pid)))), peakPollMs);
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(look);
  if (status !== 0) throw new Error(`${name} ended with ${String(status)}:\n${errors}`);
  return { ms: performance.now() - fromMs, peakMiB };
}

/** Source: proc(5), VmHWM. */
function highWaterMiB(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Each command once a round, after one round that does not count. */
export async function timeInTurn(commands: readonly Command[], rounds: number): Promise<Timing[]> {
  const times = commands.map((): number[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, command] of commands.entries()) {
      const ms = await timeOnce(command);
      command.reset?.();
      if (round > 0) times[index]?.push(ms);
    }
  }
  return commands.map(({ name }, index) => ({ name, ms: times[index] ?? [] }));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The median of the ratios, round by round. */
export const ratio = (timing: Timing | undefined, to: Timing | undefined): number =>
  median((timing?.ms ?? []).map((ms, round) => ms / (to?.ms[round] ?? NaN)));
