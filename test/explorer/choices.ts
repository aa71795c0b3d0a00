/** Everything that can happen next in a world: a step of an agent, a broker's start or end, or one of the faults left. */
import { parseLockNote } from '../../src/domain/lock-note.ts';
import type { Effect } from '../../src/domain/protocol/effects.ts';
import { claimDirectory, lockFile, readGenerations } from '../../src/domain/protocol/paths.ts';
import { enter, spawnBroker } from './agents.ts';
import { faults, staleListings } from './faults.ts';
import { childrenOf } from './model-volume.ts';
import { crash, describe, hurry, spend, step, type Choice, type Grain } from './steps.ts';
import { brokerChoices, surroundings } from './surroundings.ts';
import { isAlive, liveBrokers, withAgent, type Agent, type World } from './world.ts';

export function* choicesOf(world: World, grain: Grain): Generator<Choice> {
  for (const agent of world.agents) {
    if (agent.cut) continue;
    if (agent.frozen) yield* thaw(world, agent);
    else if (isAlive(agent)) yield* agentChoices(world, agent, grain);
    else yield* restart(world, agent);
  }
  for (const broker of liveBrokers(world)) yield* brokerChoices(world, broker);
  yield* surroundings(world);
}

function* agentChoices(world: World, agent: Agent, grain: Grain): Generator<Choice> {
  const { name, phase, next } = agent;
  const { budget } = world;
  if (next && mayGoOn(world, next) && isItsTurn(world, agent)) {
    yield {
      // Written only where somebody reads it.
      get label() {
        return `${name}: ${describe(next)}`;
      },
      take: () => step(world, { agent, effect: next }, grain),
    };
    if (budget.fault > 0) yield* faults(world, agent, next);
    if (budget.staleListing > 0 && next.op === 'list') yield* staleListings(world, agent, next);
  }
  if (phase === 'spawning') yield { label: `${name}: starts the broker`, take: () => spawnBroker(world, name) };
  if (phase === 'running') yield* running(world, agent, grain);
  if (budget.crash > 0) yield { label: `${name}: SIGKILL`, take: () => crash(spend(world, 'crash'), name) };
  if (budget.freeze > 0) {
    yield { label: `${name}: frozen`, take: () => withAgent(spend(world, 'freeze'), name, { frozen: true }) };
  }
}

/** Agents that are alike begin in the order of their names: any other order is the same with other names. */
const isItsTurn = ({ agents }: World, { begun, name, machine, mode }: Agent): boolean =>
  begun ||
  agents.every((one) => one.begun || one.name >= name || one.machine !== machine || one.mode !== mode || !isAlive(one));

/** A settling agent waits until the guards have looked. */
const mayGoOn = ({ agents }: World, next: Effect): boolean =>
  next.op !== 'pause' || agents.every((agent) => agent.owedBeats === 0 || agent.frozen || agent.cut || !isAlive(agent));

function* running(world: World, agent: Agent, grain: Grain): Generator<Choice> {
  const { name } = agent;
  const broker = world.brokers.find((one) => one.agent === name);
  if (broker?.state === 'dead' || broker?.strayed) {
    yield {
      label: `${name}: its broker was reaped`,
      take: () => hurry(enter(world, name, { phase: 'releasing' }), name, grain),
    };
    return;
  }
  if (hasToLook(world, agent)) {
    yield {
      label: `${name}: looks at its claim`,
      take: () => hurry(enter(world, name, { phase: 'beating' }), name, grain),
    };
  }
  if (world.budget.stop > 0 && !agent.stopping) {
    yield { label: `${name}: SIGTERM`, take: () => withAgent(spend(world, 'stop'), name, { stopping: true }) };
  }
}

/**
 * Whether a guard's look could change anything. One that finds all well leaves the world as it was, so it need not be
 * taken; one during which something changes is as one that begins after it.
 */
function hasToLook({ volume, budget }: World, { held, owedBeats, stale, stopping }: Agent): boolean {
  const description = volume.descriptions.get(held?.handle ?? -1);
  if (!held || !description || budget.fault > 0 || owedBeats > 0 || stale > 0 || description.lost) return true;
  const lock = lockFile(held.brokerId);
  if (volume.names.get(lock) !== description.inode) return true;
  const { top, ended } = readGenerations(childrenOf(volume, claimDirectory(held.brokerId)).map(({ name }) => name));
  if (top !== held.generation || ended) return true;
  return parseLockNote(volume.texts.get(description.inode) ?? '')?.state !== (stopping ? 'stopping' : 'running');
}

/** The kubelet starts the container again, once everything in it is dead. */
function* restart(world: World, { name, podUid }: Agent): Generator<Choice> {
  const pod = world.pods.get(podUid);
  if (world.budget.restart === 0 || !pod || pod.deleting) return;
  if (liveBrokers(world).some((broker) => broker.agent === name)) return;
  const again = { held: undefined, stale: 0, stopping: false, owedBeats: 0 };
  const take = (): World =>
    hurry(enter(withAgent(spend(world, 'restart'), name, again), name, { phase: 'claiming' }), name, 'visible');
  yield { label: `${name}: its container restarts`, take };
}

function* thaw(world: World, { name, phase }: Agent): Generator<Choice> {
  yield {
    label: `${name}: thawed`,
    take: () => withAgent(world, name, { frozen: false, stale: phase === 'beating' ? 2 : 1 }),
  };
}
