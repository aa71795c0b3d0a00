/** From where the explorer sets out: who starts on what kind of volume, and what may go wrong. */
import { serialiseLockNote } from '../../src/domain/lock-note.ts';
import type { Coherence } from '../../src/domain/mounts.ts';
import type { PodView } from '../../src/domain/pod-evidence.ts';
import type { Mode } from '../../src/domain/record.ts';
import type { Exploration } from './explore.ts';
import { emptyVolume, withFile, type ModelVolume } from './model-volume.ts';
import { begin, type Grain } from './steps.ts';
import { agentAt, noBudget, type Budget, type World } from './world.ts';

export interface Scenario {
  readonly name: string;
  readonly agents: number;
  readonly ids: number;
  readonly coherence: Coherence;
  readonly budget: Partial<Budget>;
  /** On which machine the n-th agent runs; all on `m0` unless told. */
  readonly machines?: readonly string[];
  readonly modes?: readonly Mode[];
  /** What lies there already. */
  readonly before?: 'nothing' | 'dead' | 'bare' | 'released';
  /** One more process: a person who ends the claim of id 0 by force. */
  readonly person?: boolean;
  readonly grain?: Grain;
  /** False where only a person can help. */
  readonly rescued?: boolean;
}

const mostStates = 3_000_000;

const onMachine = { coherence: 'machine', ids: 1 } as const;
const onServer = { coherence: 'shared', ids: 1, before: 'released' } as const;
const onNothing = { coherence: 'untrusted', ids: 1, before: 'released' } as const;

/** Part of `npm test`. */
export const scenarios: readonly Scenario[] = [
  {
    ...onMachine,
    name: 'every call of one agent, crashes, and a restart',
    agents: 1,
    grain: 'call',
    budget: { crash: 1, brokerCrash: 1, restart: 1, stop: 1 },
  },
  {
    ...onMachine,
    name: 'every call of two agents, a crash, and a shutdown',
    agents: 2,
    grain: 'call',
    before: 'released',
    budget: { crash: 1, stop: 1 },
  },
  { ...onMachine, name: 'an empty volume, and a crash', agents: 2, budget: { crash: 1 } },
  { ...onMachine, name: 'an empty volume, two ids', agents: 2, ids: 2, budget: {} },
  {
    ...onMachine,
    name: 'a dead holder; crashes of agent and broker',
    agents: 2,
    before: 'dead',
    budget: { crash: 1, brokerCrash: 1 },
  },
  { ...onMachine, name: 'data without a claim', agents: 2, before: 'bare', budget: { crash: 1 } },
  {
    ...onMachine,
    name: 'three agents, a dead holder, a crash',
    agents: 3,
    before: 'dead',
    grain: 'round',
    budget: { crash: 1 },
  },
  { ...onMachine, name: 'four agents, an ended claim', agents: 4, before: 'released', grain: 'round', budget: {} },
  {
    ...onMachine,
    name: 'a shutdown, and a broker that leaves its process group',
    agents: 2,
    before: 'released',
    budget: { stop: 1, stray: 1, brokerCrash: 1 },
  },
  {
    ...onMachine,
    name: 'a reboot or a loss of power, and a restart',
    agents: 2,
    before: 'dead',
    budget: { reboot: 1, restart: 1 },
  },
  {
    ...onMachine,
    name: 'one agent, two failing calls, and a restart',
    agents: 1,
    ids: 2,
    before: 'dead',
    budget: { fault: 2, restart: 1 },
  },
  { ...onMachine, name: 'two agents, a failing call', agents: 2, before: 'dead', budget: { fault: 1 } },
  {
    ...onMachine,
    name: 'somebody deletes the lock file',
    agents: 2,
    before: 'dead',
    rescued: false,
    budget: { dropLockFile: 1 },
  },
  {
    ...onServer,
    name: 'a server forgets a machine’s locks while a pod is frozen',
    agents: 2,
    budget: { loseLocks: 1, freeze: 1 },
  },
  {
    ...onNothing,
    name: 'a person declares a living broker dead',
    agents: 2,
    person: true,
    budget: {},
  },
  {
    ...onNothing,
    name: 'locks that are worth nothing, and an old listing',
    agents: 2,
    budget: { staleListing: 1 },
  },
  {
    ...onNothing,
    name: 'locks that are worth nothing, three agents',
    agents: 3,
    grain: 'round',
    budget: {},
  },
  {
    ...onNothing,
    name: 'what Kubernetes says of a pod that lives on',
    agents: 2,
    modes: ['init', 'wrapper'],
    budget: { brokerCrash: 1, declareFailed: 1, forceDelete: 1 },
  },
  {
    ...onNothing,
    name: 'locks that are worth nothing, a shutdown, and a restart',
    agents: 2,
    budget: { stop: 1, restart: 1 },
  },
  {
    ...onMachine,
    name: 'an init container and a wrapper',
    agents: 2,
    before: 'released',
    modes: ['init', 'wrapper'],
    budget: { brokerCrash: 1, delete: 1 },
  },
  {
    ...onServer,
    name: 'a machine is cut off, and its locks are lost',
    agents: 2,
    machines: ['m0', 'm1'],
    budget: { cut: 1, loseLocks: 1, delete: 1 },
  },
];

/** Part of `npm run test:soak`: the same with more going wrong. */
export const longScenarios: readonly Scenario[] = [
  {
    ...onServer,
    name: 'two machines, lost locks, a deleted pod',
    agents: 2,
    machines: ['m0', 'm1'],
    budget: { loseLocks: 1, brokerCrash: 1, delete: 1 },
  },
  {
    ...onMachine,
    name: 'a dead holder, crashes and a restart',
    agents: 2,
    before: 'dead',
    budget: { crash: 2, brokerCrash: 1, restart: 1 },
  },
  { ...onMachine, name: 'four agents, a dead holder', agents: 4, before: 'dead', grain: 'round', budget: {} },
  {
    ...onNothing,
    name: 'locks that are worth nothing, and a deleted pod',
    agents: 3,
    grain: 'round',
    budget: { brokerCrash: 1, delete: 1 },
  },
  {
    ...onMachine,
    name: 'every call of two agents on an empty volume, and a crash',
    agents: 2,
    grain: 'call',
    budget: { crash: 1 },
  },
  {
    ...onMachine,
    name: 'an empty volume, two ids, and a crash',
    agents: 2,
    ids: 2,
    budget: { crash: 1, brokerCrash: 1 },
  },
  {
    ...onMachine,
    name: 'three agents, a dead holder, two crashes',
    agents: 3,
    before: 'dead',
    grain: 'round',
    budget: { crash: 1, brokerCrash: 1 },
  },
  { ...onMachine, name: 'two agents, two failing calls', agents: 2, before: 'dead', budget: { fault: 2 } },
  {
    ...onNothing,
    name: 'locks that are worth nothing, four agents and a shutdown',
    agents: 4,
    grain: 'round',
    budget: {},
  },
];

export function setOut(scenario: Scenario): Exploration {
  const { agents: count, coherence, ids, budget, grain = 'visible', machines = [], modes = [] } = scenario;
  const names = Array.from({ length: count }, (_, index) => String.fromCharCode(97 + index));
  const agents = names.map((name, index) => agentAt(name, machines[index] ?? 'm0', modes[index] ?? 'wrapper'));
  const person = agentAt('person', machines.at(-1) ?? 'm0', 'wrapper');
  const all = scenario.person ? [...agents, person] : agents;
  let world: World = {
    ...{ coherence, ids, agents: all, brokers: [] },
    volume: volumeWith(scenario.before ?? 'nothing'),
    pods: new Map(names.map((name) => [`uid-${name}`, runningPod(`uid-${name}`)])),
    boots: new Map([...new Set(all.map(({ machine }) => machine))].map((machine) => [machine, `boot of ${machine}`])),
    budget: { ...noBudget, ...budget },
  };
  for (const { name } of agents) world = begin(world, name, grain);
  if (scenario.person) world = begin(world, 'person', grain);
  return { start: world, grain, mostStates, rescueOn: scenario.rescued === false ? undefined : 'm0' };
}

const runningPod = (uid: string): PodView => ({ uid, phase: 'Running', deleting: false, terminated: [false] });

/** `dead`: id 0 with an open claim of a wrapper that is gone; `released`: with an ended one; `bare`: data without a claim. */
function volumeWith(before: NonNullable<Scenario['before']>): ModelVolume {
  let volume = emptyVolume;
  if (before === 'nothing') return volume;
  const put = (path: string, text?: string): void => {
    const names = new Map(volume.names).set(path, 'dir');
    volume = text === undefined ? { ...volume, names } : withFile(volume, path, text);
  };
  put('kafka-logs-0');
  put('kafka-logs-0/.lock', '');
  if (before !== 'bare') {
    for (const directory of ['.barnabas', '.barnabas/tmp', '.barnabas/claims', '.barnabas/claims/0']) put(directory);
    put('.barnabas/volume.json', '{"layout":1,"uuid":"7d9f6f4e-3b1d-4c55-9a0e-0c8a6f1b2d3e"}');
    const note = { generation: 1, state: 'running', beat: 7, registration: null } as const;
    put('.barnabas/claims/0/lock', serialiseLockNote(note));
    put('.barnabas/claims/0/g00000001', JSON.stringify(oldRecord));
    if (before === 'released') put('.barnabas/claims/0/g00000001.end', JSON.stringify(oldEnd));
  }
  return { ...volume, unsynced: new Set() };
}

const oldPod = { name: 'old', namespace: '', uid: 'uid-old' };
const about = { layout: 1, id: 0, generation: 1, nonce: 'old-1', wallTime: '2025-01-01T00:00:00.000Z' };
const oldRecord = { ...about, pod: oldPod, node: 'm0', bootId: 'boot of m0', mode: 'wrapper', start: 1 };
const oldEnd = { ...about, nonce: 'old-2', kind: 'released', by: oldPod, detail: 'its broker had ended' };
