/**
 * A soak: many real agents on one volume, each with a stub broker, while some are killed, frozen or told to stop, and new
 * ones come in their place.
 *
 * The referee is the kernel: each stub broker takes a lock of another kind (flock(2)), on a file of its id outside the
 * volume, for as long as it lives. One that does not get it has met a second live broker of its id, and writes that down.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startAgent, type RunningAgent } from '../support/agent.ts';
import { killAll, processesWith } from '../support/processes.ts';
import { randomOf, type Random } from './random.ts';

export interface SoakOrder {
  /** Where the volume and the referee's files go. */
  readonly directory: string;
  readonly agents: number;
  readonly ids: number;
  /** How many claims are to be seen. */
  readonly claims: number;
  readonly seed: number;
  readonly deadlineMs: number;
  readonly tell?: (progress: string) => void;
  /** Ends it early, by an error: with everything that was started. */
  readonly signal?: AbortSignal;
}

export interface Soaked {
  readonly claims: number;
  readonly overlaps: readonly string[];
  /** Ids that had a broker at some time. */
  readonly idsSeen: number;
  readonly blows: Readonly<Record<Blow, number>>;
  readonly seconds: number;
}

const blows = ['kill-agent', 'kill-broker', 'kill-both', 'freeze-agent', 'freeze-broker', 'stop'] as const;
type Blow = (typeof blows)[number];

interface Player {
  readonly agent: RunningAgent;
  state: 'running' | 'frozen' | 'ended';
}

/** Between two blows: so many milliseconds at most. */
const pauseMs = 60;

export async function soak(order: SoakOrder): Promise<Soaked> {
  const game = new Game(order);
  try {
    return await game.play();
  } finally {
    await game.end();
  }
}

class Game {
  readonly #order: SoakOrder;
  readonly #random: Random;
  readonly #volume: string;
  readonly #referee: string;
  readonly #players = new Set<Player>();
  readonly #given = Object.fromEntries(blows.map((blow) => [blow, 0])) as Record<Blow, number>;
  /** In the environment of all that is started, however far down. */
  readonly #marker = randomUUID();
  #started = 0;

  constructor(order: SoakOrder) {
    this.#order = order;
    this.#random = randomOf(order.seed);
    this.#volume = join(order.directory, 'volume');
    this.#referee = join(order.directory, 'referee');
    for (const path of [this.#volume, this.#referee]) mkdirSync(path, { recursive: true });
  }

  async play(): Promise<Soaked> {
    const startedMs = performance.now();
    const { claims, agents, deadlineMs, tell, signal } = this.#order;
    let toldAt = 0;
    while (this.#claims().length < claims) {
      signal?.throwIfAborted();
      if (performance.now() - startedMs > deadlineMs)
        throw new Error(`only ${this.#claims().length} claims in ${deadlineMs / 1000} s`);
      if (this.#players.size < agents) this.#start();
      await delay(this.#random.below(pauseMs));
      this.#strike();
      const now = this.#claims().length;
      if (now >= toldAt + 100) tell?.(`${(toldAt = now)} claims, ${this.#overlaps().length} overlaps`);
    }
    return {
      claims: this.#claims().length,
      overlaps: this.#overlaps(),
      idsSeen: new Set(this.#claims()).size,
      blows: this.#given,
      seconds: (performance.now() - startedMs) / 1000,
    };
  }

  #start(): void {
    this.#started += 1;
    const name = `kafka-${this.#started}`;
    const { ids, directory } = this.#order;
    const broker = `exec 9>"${this.#referee}/{id}"; flock -n 9 || echo "id {id}: a second live broker ($$)" >>"${this.#referee}/overlaps"; echo {id} >>"${this.#referee}/claims"; exec sleep 1000`;
    const words = ['run', '--volume', this.#volume, '--brokers', String(ids), '--wait', '10m'];
    const agent = startAgent(
      [...words, '--config-out', join(directory, `${name}.properties`), '--', 'sh', '-c', broker],
      {
        env: { SOAK: this.#marker, POD_NAME: name, POD_UID: `uid-${name}`, NODE_NAME: 'node-a' },
      },
    );
    const player: Player = { agent, state: 'running' };
    this.#players.add(player);
    void agent.finished.then(() => {
      player.state = 'ended';
      this.#players.delete(player);
    });
  }

  /** A blow to one of those that have a broker, or now and then to one that is still claiming. */
  #strike(): void {
    const chosen = this.#random.pick([...this.#players].filter(({ state }) => state === 'running'));
    const blow = this.#random.pick(blows);
    if (!chosen || blow === undefined) return;
    const broker = brokerPidOf(chosen.agent);
    if (broker === undefined && this.#random.fraction() < 0.9) return;
    this.#given[blow] += 1;
    this.#give(blow, chosen, broker);
  }

  #give(blow: Blow, player: Player, broker: number | undefined): void {
    const { pid } = player.agent;
    switch (blow) {
      case 'kill-agent':
        return this.#orphan(player, broker);
      case 'kill-broker':
        return send(broker, 'SIGKILL');
      case 'kill-both':
        send(pid, 'SIGKILL');
        return send(broker, 'SIGKILL');
      case 'freeze-agent':
        return this.#freeze(player, [pid]);
      case 'freeze-broker':
        return this.#freeze(player, [pid, broker]);
      case 'stop':
        return send(pid, 'SIGTERM');
    }
  }

  /** A broker without an agent lives on for a while, and has its id all that time. */
  #orphan({ agent }: Player, broker: number | undefined): void {
    send(agent.pid, 'SIGKILL');
    setTimeout(() => send(broker, 'SIGKILL'), this.#random.below(3000));
  }

  #freeze(player: Player, pids: readonly (number | undefined)[]): void {
    player.state = 'frozen';
    for (const pid of pids) send(pid, 'SIGSTOP');
    setTimeout(() => {
      for (const pid of pids) send(pid, 'SIGCONT');
      if (player.state === 'frozen') player.state = 'running';
    }, this.#random.below(4000));
  }

  #claims(): string[] {
    return linesOf(join(this.#referee, 'claims'));
  }

  #overlaps(): string[] {
    return linesOf(join(this.#referee, 'overlaps'));
  }

  /** Everything that was started is killed, frozen or not. */
  async end(): Promise<void> {
    const all = [...this.#players];
    // An agent that was killed while it started its broker may have left one that nobody knows.
    const left = (): number[] => processesWith(`SOAK=${this.#marker}`).map(({ pid }) => pid);
    for (let pids = left(); pids.length > 0; pids = left()) {
      killAll(pids);
      await delay(50);
    }
    await Promise.all(all.map(({ agent }) => agent.finished));
  }
}

const brokerPidOf = (agent: RunningAgent): number | undefined => {
  const match = /started the broker .*\bpid=(\d+)/.exec(agent.stderr());
  return match ? Number(match[1]) : undefined;
};

/** The stub broker leads a process group of its own; whoever has ended by itself is no matter. */
function send(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const linesOf = (path: string): string[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];
