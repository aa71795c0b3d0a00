/** A broker's container beside a sidecar: processes with a mount namespace of their own, as the runtime makes them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** What a pod's manifest says: wait for the gate, and go through it. */
const throughTheGate = 'until [ -f "$0" ]; do sleep 0.05; done; exec sh "$0" "$@"';

/** In a process group of its own, whose leader it is. What it writes goes to the descriptor `output`, if there is one. */
export function startContainer(gate: string, command: readonly string[], output?: number): ChildProcess {
  const words = ['--mount', '--propagation', 'unchanged', 'sh', '-c', throughTheGate, join(gate, 'gate'), ...command];
  const to = output ?? 'ignore';
  return spawn('unshare', words, { stdio: ['ignore', to, to], detached: true });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
