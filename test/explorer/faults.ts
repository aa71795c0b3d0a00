/** Calls that fail, some of them after they were done, and listings that are old. */
import type { Effect } from '../../src/domain/protocol/effects.ts';
import { giveAnswer, perform } from './agents.ts';
import { childrenOf } from './model-volume.ts';
import { describe, hurry, spend, type Choice } from './steps.ts';
import type { Agent, World } from './world.ts';

/** A failure of the call an agent is about to make; of some calls also one after it was done: a lost reply. */
export function* faults(world: World, agent: Agent, effect: Effect): Generator<Choice> {
  const { name } = agent;
  for (const [errno, isDone] of faultsOf(effect)) {
    const label = `${name}: ${describe(effect)} ${isDone ? 'is done, and ' : ''}answers ${errno}`;
    const take = (): World => {
      const before = spend(world, 'fault');
      const after = isDone ? perform(before, agent, effect).world : before;
      return hurry(giveAnswer(after, name, { ok: false, errno }), name, 'call');
    };
    yield { label, take };
  }
}

function faultsOf(effect: Effect): readonly (readonly [errno: string, isDone: boolean])[] {
  switch (effect.op) {
    case 'link':
      return [...failures('EIO', 'ENOSPC'), ['EIO', true], ['EEXIST', true]];
    case 'create':
      return failures('ENOSPC');
    case 'makeDirectory':
      return [...failures('ENOSPC'), ['EEXIST', true]];
    case 'tryLock':
      return failures('ENOLCK');
    case 'list':
    case 'read':
    case 'openLock':
    case 'syncDirectory':
    case 'probeKafkaLock':
    case 'isSameFile':
      return failures('ESTALE');
    case 'writeLock':
      return failures('ENOSPC');
    case 'readLock':
    case 'unlink':
      return failures('EIO');
    default:
      return [];
  }
}

const failures = (...errnos: string[]): [string, boolean][] => errnos.map((errno) => [errno, false]);

/** A listing from before the last name, or the last two, were there. */
export function* staleListings(world: World, agent: Agent, effect: Effect & { op: 'list' }): Generator<Choice> {
  const entries = childrenOf(world.volume, effect.path);
  for (const missing of [1, 2].filter((count) => count <= entries.length)) {
    const label = `${agent.name}: ${describe(effect)}, stale by ${missing}`;
    const answer = { ok: true, value: entries.slice(0, -missing) };
    yield {
      label,
      take: () => hurry(giveAnswer(spend(world, 'staleListing'), agent.name, answer), agent.name, 'call'),
    };
  }
}
