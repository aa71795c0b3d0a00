/** Single steps of agents, and which of them need not be taken singly. */
import type { Effect } from '../../src/domain/protocol/effects.ts';
import { enter, giveAnswer, leave, perform } from './agents.ts';
import { withAgent, type Agent, type Budget, type World } from './world.ts';

export interface Choice {
  readonly label: string;
  readonly take: () => World;
}

/**
 * `call`: every effect is a step. `visible`: effects that nobody else can see, and that see nothing another can change,
 * are taken together with the next one. `round`: beside them a look at the whole volume is one step; for crowds.
 */
export type Grain = 'call' | 'visible' | 'round';

export const spend = (world: World, kind: keyof Budget): World => ({
  ...world,
  budget: { ...world.budget, [kind]: world.budget[kind] - 1 },
});

export const crash = (world: World, name: string): World => withAgent(leave(world, name), name, { phase: 'dead' });

export function step(world: World, { agent, effect }: Call, grain: Grain): World {
  const performed = perform(world, agent, effect);
  const after = giveAnswer(performed.world, agent.name, performed.answer);
  return hurry(withAgent(after, agent.name, { begun: true }), agent.name, grain);
}

/** Takes what nobody else can see, or be affected by, together with what was just done. */
export function hurry(world: World, name: string, grain: Grain): World {
  let now = world;
  for (;;) {
    const agent = now.agents.find((one) => one.name === name);
    if (!agent?.next || !isPrivate(now, { agent, effect: agent.next }, grain)) return now;
    const performed = perform(now, agent, agent.next);
    now = giveAnswer(performed.world, name, performed.answer);
  }
}

/** Its first step waits for its turn; what nobody sees of it is done. */
export const begin = (world: World, name: string, grain: Grain): World =>
  hurry(enter(world, name, { phase: name === 'person' ? 'asserting' : 'claiming' }), name, grain);

export interface Call {
  readonly agent: Agent;
  readonly effect: Effect;
}

const neverSeen = new Set(['nonce', 'wallTime', 'elapsedMs', 'tell', 'enterQueue', 'leaveQueue']);

// One line an effect.
// eslint-disable-next-line complexity
function isPrivate(world: World, { agent: { name }, effect }: Call, grain: Grain): boolean {
  const { volume, budget } = world;
  if (neverSeen.has(effect.op)) return true;
  if (grain === 'call' || budget.fault > 0) return false;
  switch (effect.op) {
    case 'create':
    case 'unlink':
      return effect.path.startsWith('.barnabas/tmp/');
    case 'syncDirectory':
      return budget.reboot === 0;
    case 'read':
      return volume.names.has(effect.path) || (grain === 'round' && isLooking(world, name));
    case 'list':
      return isFull(world, effect.path) || (grain === 'round' && isLooking(world, name));
    case 'closeLock':
      return ![...volume.locks.values()].includes(effect.handle);
    case 'makeDirectory':
      return volume.names.has(effect.path) && budget.reboot === 0;
    case 'openLock':
      return volume.names.has(effect.path) && budget.dropLockFile === 0;
    case 'isSameFile':
      return budget.dropLockFile === 0;
    default:
      return false;
  }
}

/** Whether an agent has no lock file open: then it reads nothing but to see what there is. */
const isLooking = ({ volume }: World, name: string): boolean =>
  ![...volume.descriptions.values()].some(({ holders }) => holders.includes(name));

/** Whether a directory has everything that it can ever have, so that it makes no difference when it is listed. */
function isFull({ volume, ids, budget }: World, directory: string): boolean {
  const all = (paths: string[]): boolean => budget.reboot === 0 && paths.every((path) => volume.names.has(path));
  const each = (prefix: string): string[] => Array.from({ length: ids }, (_, id) => `${prefix}${id}`);
  if (directory === '.') return all(['.barnabas', ...each('kafka-logs-')]);
  if (directory === '.barnabas/claims') return all(each('.barnabas/claims/'));
  return directory.startsWith('kafka-logs-') && all([`${directory}/.lock`]);
}

export function describe(effect: Effect): string {
  const { op, ...rest } = effect as Effect & Record<string, unknown>;
  const words = Object.entries(rest).flatMap(([key, value]) =>
    key === 'text' || key === 'record' || key === 'event' ? [] : [String(value)],
  );
  return [op, ...words].join(' ');
}
