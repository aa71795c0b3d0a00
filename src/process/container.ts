/** The other containers of a pod that shares its PID namespace, by Linux's /proc. Source: proc(5), namespaces(7). */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessStart {
  readonly pid: number;
  /** Clock ticks from the machine's boot to its start: with the pid, unique in one boot. */
  readonly ticks: number;
}

/** A zombie runs nothing and holds nothing. */
export function isRunning({ pid, ticks }: ProcessStart): boolean {
  const stat = readStat(pid);
  return stat !== undefined && stat.ticks === ticks && stat.alive;
}

/** In clock ticks since the machine's boot; undefined if there is no such process. */
export const startOf = (pid: number): number | undefined => readStat(pid)?.ticks;

interface Stat {
  readonly ticks: number;
  readonly alive: boolean;
}

function readStat(pid: number): Stat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command in parentheses may itself contain blanks and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { ticks: Number(fields[19]), alive: fields[0] !== 'Z' && fields[0] !== 'X' };
  } catch {
    return undefined;
  }
}

/** Undefined if it is gone, or another user's. */
export function mountNamespaceOf(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}

/** Live processes of the container with that mount namespace. */
export function containerMembers(namespace: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && mountNamespaceOf(pid) === namespace && readStat(pid)?.alive === true);
}

/** Those that are gone already are left out. Throws if a process may not be signalled. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
