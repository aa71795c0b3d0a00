/** That no situation leaves an id lost: with every process dead, as many fresh agents get as many different ids. */
import { giveAnswer, killBroker, leave, perform, spawnBroker } from './agents.ts';
import { begin } from './steps.ts';
import { agentAt, agentOf, isAlive, type World } from './world.ts';

const mostSteps = 400;

/** Undefined if every id is had. `machine`: where the fresh agents start. */
export function whoIsLost(world: World, machine: string): string | undefined {
  let now = buryAll(world);
  const had = new Set<number>();
  for (let count = 0; count < world.ids; count += 1) {
    const name = `fresh${count}`;
    now = begin({ ...now, agents: [...now.agents, agentAt(name, machine, 'wrapper')] }, name, 'visible');
    now = runAlone(now, name);
    const { held } = agentOf(now, name);
    if (!held) return `with every process dead, ${had.size} of ${world.ids} ids can be claimed, and no more`;
    if (had.has(held.brokerId)) return `with every process dead, id ${held.brokerId} is claimed twice`;
    had.add(held.brokerId);
  }
  return undefined;
}

/** All are dead, and where there is a kubelet, it says so. */
function buryAll(world: World): World {
  let now: World = { ...world, budget: Object.fromEntries(Object.keys(world.budget).map((key) => [key, 0])) as never };
  for (const agent of world.agents) {
    if (isAlive(agent)) now = leave(now, agent.name);
    now = killBroker(now, agent.name);
  }
  const pods = [...world.pods].map(([uid]) => [uid, deadPod(uid)] as const);
  return { ...now, pods: new Map(pods) };
}

const deadPod = (uid: string) => ({ uid, phase: 'Failed', deleting: true, terminated: [true] }) as const;

/** Undisturbed, until it starts its broker or has to wait. */
function runAlone(world: World, name: string): World {
  let now = world;
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const agent = agentOf(now, name);
    if (agent.phase === 'spawning') return spawnBroker(now, name);
    if (!agent.next) return now;
    const performed = perform(now, agent, agent.next);
    now = giveAnswer(performed.world, name, performed.answer);
  }
  return now;
}
