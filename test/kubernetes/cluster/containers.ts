/** What is done to a node's containerd directly, past the kubelet. By ctr(8). */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { waitFor } from '../../../demo/cluster/wait.ts';

/** Where its containerd listens. */
export interface Containerd {
  readonly socket: string;
}

const run = promisify(execFile);

async function ctr({ socket }: Containerd, ...words: string[]): Promise<string> {
  const { stdout } = await run('ctr', ['--address', socket, '--namespace', 'k8s.io', ...words], { timeout: 120_000 });
  return stdout;
}

export async function loadImages(node: Containerd, archives: readonly string[]): Promise<void> {
  await waitFor(async () => (await ctr(node, 'version').catch(() => '')) || undefined, {
    for: 'containerd',
    deadlineMs: 60_000,
  });
  for (const archive of archives) await ctr(node, 'images', 'import', archive);
}

/** A container's first process, as this machine sees it. */
export async function pidOf(node: Containerd, container: string): Promise<number> {
  const lines = (await ctr(node, 'tasks', 'ls')).split('\n').map((line) => line.trim().split(/\s+/));
  return Number(lines.find(([id]) => id === container)?.[1]);
}

/** Kills what the kubelet left, and waits until it is gone: nothing of a pod outlives its cluster. */
export async function endContainers(node: Containerd): Promise<void> {
  const tasks = (await ctr(node, 'tasks', 'ls', '-q').catch(() => '')).split('\n').filter(Boolean);
  for (const id of tasks) await ctr(node, 'tasks', 'kill', '--all', '--signal', 'SIGKILL', id).catch(() => '');
  for (const id of tasks) await ctr(node, 'tasks', 'delete', '--force', id).catch(() => '');
}
