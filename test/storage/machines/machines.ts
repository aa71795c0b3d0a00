/** Small virtual machines (QEMU, plain emulation): number 1 is an NFSv4 server, the others mount its volume. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../support/agent.ts';

const here = import.meta.dirname;
const root = resolve(here, '../../..');

export interface Done {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Machine {
  readonly number: number;
  /** Runs a text with bash. Fails after the deadline; what it started runs on. */
  run(command: string, deadlineMs?: number): Promise<Done>;
  /** The same, and its stdout; fails with its stderr if its status is not 0. */
  get(command: string, deadlineMs?: number): Promise<string>;
  /** The whole machine stands still, as a hypervisor can make it. */
  freeze(): void;
  thaw(): void;
  /** As pulling its plug. */
  kill(): Promise<void>;
  /** After a kill: the same machine, booted anew. */
  boot(): Promise<void>;
}

export interface Machines {
  readonly server: Machine;
  readonly clients: readonly Machine[];
  close(): Promise<void>;
}

/** Where the volume is mounted on each client. */
export const volume = '/mnt/volume';
export const barnabas = 'node /opt/barnabas/barnabas.js';

const bootMs = 120_000;
const pieceLength = 100_000;

/** Boots a server and so many clients, mounts the volume on these, and installs the agent. Seconds. */
export async function startMachines(clients: number): Promise<Machines> {
  const images = build();
  const directory = mkdtempSync(join(tmpdir(), 'machines-'));
  const cable = await freePort();
  const all = Array.from(
    { length: clients + 1 },
    (_, index) => new Qemu({ images, directory, cable, number: index + 1 }),
  );
  const [server, ...others] = all as [Qemu, ...Qemu[]];
  const close = async (): Promise<void> => {
    await Promise.all(all.map((machine) => machine.kill()));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await server.boot();
    await Promise.all(others.map((machine) => machine.boot()));
    return { server, clients: others, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function build(): string {
  const built = spawnSync('bash', [join(here, 'build.sh')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (built.status !== 0) throw new Error('the machines could not be built');
  return built.stdout.trim();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

interface Plan {
  readonly images: string;
  readonly directory: string;
  /** The port that stands for the network between the machines. */
  readonly cable: number;
  readonly number: number;
}

class Qemu implements Machine {
  readonly number: number;
  readonly #plan: Plan;
  #process: ChildProcess | undefined;
  #control = 0;
  #boots = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.number = plan.number;
  }

  async boot(): Promise<void> {
    const { images, directory, cable, number } = this.#plan;
    this.#boots += 1;
    this.#control = await freePort();
    const disk = join(directory, `${number}.img`);
    copyFileSync(join(images, 'disk.img'), disk, constants.COPYFILE_FICLONE);
    const console = join(directory, `${number}-${this.#boots}.log`);
    const words = [
      ...['-accel', 'tcg', '-cpu', 'max', '-m', '700', '-smp', '1', '-display', 'none', '-no-reboot'],
      ...['-serial', `file:${console}`, '-kernel', join(images, 'kernel.img'), '-initrd', join(images, 'initramfs.gz')],
      ...['-append', `console=ttyS0 panic=-1 net.ifnames=0 number=${number}`],
      ...['-drive', `file=${disk},format=raw,if=virtio,cache=unsafe`],
      ...['-netdev', `user,id=control,hostfwd=tcp:127.0.0.1:${this.#control}-:5000`],
      ...['-device', `virtio-net-pci,netdev=control,mac=52:54:00:00:00:0${number}`],
      ...['-netdev', `socket,id=cable,mcast=230.0.0.1:${cable},localaddr=127.0.0.1`],
      ...['-device', `virtio-net-pci,netdev=cable,mac=52:54:00:00:01:0${number}`],
    ];
    const log = openSync(join(directory, `${number}-qemu.log`), 'a');
    const child = spawn('qemu-system-x86_64', words, { stdio: ['ignore', log, log] });
    this.#process = child;
    const state = { ended: false };
    child.once('exit', () => (state.ended = true));
    const ready = (): boolean => state.ended || /READY \d/.test(textOf(console));
    await until(ready, `machine ${number} to boot`, bootMs);
    if (state.ended) throw new Error(`machine ${number} ended: ${textOf(join(directory, `${number}-qemu.log`))}`);
    await this.#answers();
    if (number > 1) await this.#install();
  }

  async #answers(): Promise<void> {
    const asked = (): Promise<boolean> =>
      this.run('true', 3000).then(
        () => true,
        () => false,
      );
    const untilMs = performance.now() + 30_000;
    while (performance.now() < untilMs) {
      if (await asked()) return;
      await delay(300);
    }
    throw new Error(`machine ${this.number} does not answer`);
  }

  async #install(): Promise<void> {
    await this.get(`mount -t nfs4 -o vers=4.2 192.168.77.1:/srv/volume ${volume}`, 60_000);
    const packed = spawnSync('tar', ['-C', join(root, 'dist'), '-cz', '.'], { maxBuffer: 2 ** 28 });
    const text = packed.stdout.toString('base64');
    // A command is one argument of bash, which the kernel cuts at 128 KiB.
    for (let at = 0; at < text.length; at += pieceLength) {
      await this.get(`printf %s '${text.slice(at, at + pieceLength)}' >>/tmp/barnabas.base64`);
    }
    await this.get('base64 -d /tmp/barnabas.base64 | tar -xz -C /opt/barnabas', 60_000);
  }

  async run(command: string, deadlineMs = 60_000): Promise<Done> {
    const answer = await fetch(`http://127.0.0.1:${this.#control}`, {
      method: 'POST',
      body: command,
      signal: AbortSignal.timeout(deadlineMs),
    });
    return (await answer.json()) as Done;
  }

  async get(command: string, deadlineMs?: number): Promise<string> {
    const { status, stdout, stderr } = await this.run(command, deadlineMs);
    if (status !== 0) throw new Error(`machine ${this.number}: ${command.slice(0, 200)}: status ${status}: ${stderr}`);
    return stdout;
  }

  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
