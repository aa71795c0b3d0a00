/** The broker as a child process that leads its own process group and inherits the id lock's descriptor. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import type { LockHandle } from '../domain/protocol/effects.ts';
import { BarnabasError } from '../errors.ts';
import type { Child, ChildEnd } from '../ports.ts';

export async function startChild(command: readonly string[], lock: LockHandle): Promise<Child> {
  const [file = '', ...args] = command;
  // A group of its own: a broker started through a shell that does not exec is still reached by every signal. Its output
  // goes straight to ours, so that a stuck reader of logs blocks the broker alone. The lock becomes its descriptor 3.
  const child = spawn(file, args, { detached: true, stdio: ['inherit', 'inherit', 'inherit', lock] });
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BarnabasError(
      'command-not-started',
      `cannot start ${file}: ${code === 'ENOENT' ? 'no such command in this image' : String(code)}`,
      { cause: error },
    );
  }
  const pid = Number(child.pid);
  return {
    pid,
    ended,
    signal: (signal) => signalGroup(pid, signal),
    liveMembers: () => liveMembers(pid),
  };
}

/** Nothing happens if the whole group is gone. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Processes of a group that still run; a zombie holds no descriptors, and PID 1 may never reap it. Source: proc(5). */
function liveMembers(group: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // The command in parentheses may itself contain blanks and parentheses.
      const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(processGroup) === group && state !== 'Z' && state !== 'X' ? [pid] : [];
    } catch {
      // Ended since the listing.
      return [];
    }
  });
}
