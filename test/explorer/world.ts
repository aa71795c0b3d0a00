/** One situation: what lies on the volume, and how far every process is. Immutable; each step makes the next one. */
import { createHash } from 'node:crypto';
import type { Coherence } from '../../src/domain/mounts.ts';
import type { Held } from '../../src/domain/protocol/beat.ts';
import type { ClaimRequest } from '../../src/domain/protocol/claim.ts';
import type { Effect } from '../../src/domain/protocol/effects.ts';
import type { PodView } from '../../src/domain/pod-evidence.ts';
import type { ClaimRecord, Mode } from '../../src/domain/record.ts';
import type { Description, ModelVolume } from './model-volume.ts';

/**
 * What an agent is at. `claiming`, `starting` (the look before the broker's start), `beating`, `releasing` and `asserting`
 * (a person's release by force) are pieces of the real protocol.
 */
export type Phase =
  'claiming' | 'starting' | 'spawning' | 'running' | 'beating' | 'releasing' | 'asserting' | 'ended' | 'dead';

export interface Agent {
  readonly name: string;
  readonly podUid: string;
  readonly machine: string;
  readonly mode: Mode;
  readonly phase: Phase;
  readonly held: Held | undefined;
  /** The answers that the phase's piece of protocol has had so far: with the phase, they are its whole state. */
  readonly answers: readonly unknown[];
  /** All but the last of them. */
  readonly before: readonly unknown[] | undefined;
  /** Of the answers that decide what comes later. */
  readonly digest: string;
  /** Of those since then that decide only what comes next: whether a directory was there already, and the like. */
  readonly recent: string;
  /** Whether it has done anything yet. */
  readonly begun: boolean;
  /** What it does next; undefined where no piece of protocol is under way. */
  readonly next: Effect | undefined;
  /** A frozen process does nothing, and finishes nothing, until it is thawed. */
  readonly frozen: boolean;
  /** Its machine does not reach the volume: its calls wait, and its broker lives on. */
  readonly cut: boolean;
  /** How many looks this guard has to finish before a settling agent may go on: guards that are not frozen are in time. */
  readonly owedBeats: number;
  /** How many looks it has to finish, since it was thawed, before it knows. */
  readonly stale: number;
  /** It was told to stop: its broker shuts down. */
  readonly stopping: boolean;
}

export interface Broker {
  readonly id: number;
  readonly generation: number;
  readonly agent: string;
  /** `starting` until it has its own `.lock`. */
  readonly state: 'starting' | 'serving' | 'dead';
  /** It left its wrapper's sight: the wrapper has reaped what it started, and the broker lives on. */
  readonly strayed: boolean;
}

/** What may still go wrong on the way, each so many times. */
export interface Budget {
  readonly crash: number;
  readonly brokerCrash: number;
  readonly stop: number;
  readonly stray: number;
  readonly restart: number;
  readonly freeze: number;
  readonly fault: number;
  readonly staleListing: number;
  readonly loseLocks: number;
  readonly cut: number;
  readonly reboot: number;
  readonly forceDelete: number;
  readonly declareFailed: number;
  readonly delete: number;
  readonly dropLockFile: number;
}

export interface World {
  readonly coherence: Coherence;
  /** How many ids there are. */
  readonly ids: number;
  readonly volume: ModelVolume;
  readonly agents: readonly Agent[];
  readonly brokers: readonly Broker[];
  readonly pods: ReadonlyMap<string, PodView | undefined>;
  /** Machine to boot id. */
  readonly boots: ReadonlyMap<string, string>;
  readonly budget: Budget;
}

export const noBudget: Budget = {
  crash: 0,
  brokerCrash: 0,
  stop: 0,
  stray: 0,
  restart: 0,
  freeze: 0,
  fault: 0,
  staleListing: 0,
  loseLocks: 0,
  cut: 0,
  reboot: 0,
  forceDelete: 0,
  declareFailed: 0,
  delete: 0,
  dropLockFile: 0,
};

export const digestOf = (...parts: readonly string[]): string =>
  createHash('md5').update(parts.join('\u0000')).digest('base64');

export const agentOf = ({ agents }: World, name: string): Agent => {
  const agent = agents.find((one) => one.name === name);
  if (!agent) throw new Error(`no agent ${name}`);
  return agent;
};

export const withAgent = (world: World, name: string, change: Partial<Agent>): World => ({
  ...world,
  agents: world.agents.map((agent) => (agent.name === name ? { ...agent, ...change } : agent)),
});

/** An agent that has not begun, in a pod of its own. */
export const agentAt = (name: string, machine: string, mode: Mode): Agent => ({
  ...{ name, podUid: `uid-${name}`, machine, mode, phase: 'claiming', held: undefined },
  ...{
    answers: [],
    before: undefined,
    digest: '',
    recent: '',
    next: undefined,
    begun: false,
    frozen: false,
    cut: false,
    owedBeats: 0,
    stale: 0,
    stopping: false,
  },
});

export const brokerProcess = (name: string): string => `${name}'s broker`;

export const liveBrokers = ({ brokers }: World): Broker[] => brokers.filter(({ state }) => state !== 'dead');

export const isAlive = ({ phase }: Agent): boolean => phase !== 'ended' && phase !== 'dead';

/** The agent's request as the real command would make it. */
export function requestOf(world: World, { name, podUid, machine, mode }: Agent): ClaimRequest {
  return {
    self: { podUid, node: machine, bootId: world.boots.get(machine) ?? '' },
    pod: { name, namespace: '', uid: podUid },
    mode,
    start: 1,
    storage: { type: 'model', coherence: world.coherence, why: world.coherence },
    cluster: { firstId: 0, brokers: world.ids },
    clusterId: undefined,
    volumeUuid: undefined,
    waitMs: Number.MAX_SAFE_INTEGER,
    pollMs: 1,
    settleMs: 1,
  };
}

const numbers = new Map<string, number>();
/** A short name for a long text. */
const numberOf = (text: string): number => {
  const number = numbers.get(text) ?? numbers.size;
  numbers.set(text, number);
  return number;
};

const written = new WeakMap<object, string>();

/** A map is never changed once it is in a world, so it is written down once. */
function write(map: ReadonlyMap<unknown, unknown>, value: (value: never) => unknown): string {
  const known = written.get(map);
  if (known !== undefined) return known;
  const lines: string[] = [];
  for (const [key, content] of map) lines.push(`${String(key)}=${String(value(content as never))}`);
  const text = lines.sort().join('\n');
  written.set(map, text);
  return text;
}

const brief = (agent: Agent): string =>
  [
    ...[agent.phase, agent.held?.brokerId, agent.held?.generation, agent.held?.handle, agent.digest, agent.recent],
    ...[agent.frozen, agent.cut, agent.stale, agent.stopping, agent.owedBeats, agent.begun],
  ].join();

const briefBroker = ({ id, generation, agent, state, strayed }: Broker): string =>
  [id, generation, agent, state, strayed].join();

const briefDescription = ({ inode, machine, holders, lost }: Description): string =>
  [inode, machine, lost, ...holders].join();

const briefPod = (pod: PodView | undefined): string => (pod ? JSON.stringify(pod) : 'none');
const itself = (value: unknown): unknown => value;

/** Equal for two worlds in which the same can happen. */
export function fingerprint({ volume, budget, agents, brokers, pods, boots }: World): string {
  return digestOf(
    write(volume.names, itself),
    // What a stale listing leaves out depends on the order in which names were made.
    budget.staleListing > 0 ? [...volume.names.keys()].join() : '',
    write(volume.texts, numberOf),
    write(volume.descriptions, briefDescription),
    write(volume.locks, itself),
    budget.reboot > 0 ? [...volume.unsynced].sort().join() : '',
    agents.map(brief).join('\n'),
    brokers.map(briefBroker).sort().join('\n'),
    write(pods, briefPod),
    write(boots, itself),
    Object.values(budget).join(),
  );
}

/** Equal for two worlds with the same on the volume, and as many reboots behind them. */
export const contentOf = ({ volume, boots }: World): string =>
  digestOf(write(volume.names, itself), write(volume.texts, numberOf), write(boots, itself));

/** What a record on the model volume says; the documents there are the real ones. */
export const readDocument = (text: string): ClaimRecord => JSON.parse(text) as ClaimRecord;
