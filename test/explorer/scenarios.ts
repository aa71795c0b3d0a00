/** From where the explorer sets out: who starts on what kind of volume, and what may go wrong. */
import { serialiseLockNote } from '../../src/domain/lock-note.ts';
import type { Coherence } from '../../src/domain/mounts.ts';
import type { PodView } from '../../src/domain/pod-evidence.ts';
import type { Mode } from '../../src/domain/record.ts';
import type { Exploration } from './explore.ts';
import { emptyVolume, withFile, type ModelVolume } from './model-volume.ts';
import { begin, type Grain } from './steps.ts';
import { noBudget, type Agent, type Budget, type World } from './world.ts';

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

const mostStates = Number(process.env.MOST ?? 3_000_000);

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

const agentAt = (name: string, machine: string, mode: Mode): Agent => ({
  ...{ name, podUid: `uid-${name}`, machine, mode, phase: 'claiming', held: undefined },
  ...{
    answers: [],
    before: undefined,
    digest: '',
    recent: '',
    next: undefined,
    begun: false,
    frozen: false,
    owedBeats: 0,
    stale: 0,
    stopping: false,
  },
});

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
