/** How an agent's pieces of the protocol are carried on, one effect at a time, against the model. */
import { beat, type Beat } from '../../src/domain/protocol/beat.ts';
import { claim, type ClaimResult } from '../../src/domain/protocol/claim.ts';
import { closeLock, type Effect, type Entry, type Step } from '../../src/domain/protocol/effects.ts';
import { AlienVolume, VolumeFailure } from '../../src/domain/protocol/failure.ts';
import { endOwn, relock, releaseByHand } from '../../src/domain/protocol/release.ts';
import { judgePod } from '../../src/domain/pod-evidence.ts';
import { volumeFile } from '../../src/domain/protocol/paths.ts';
import { closeAll, inherit, performOnModel, type VolumeEffect } from './model-volume.ts';
import {
  agentOf,
  brokerProcess,
  digestOf,
  requestOf,
  withAgent,
  type Agent,
  type Broker,
  type World,
} from './world.ts';

/** Which piece of the real protocol a phase is. */
function* pieceOf(world: World, agent: Agent): Step<unknown> {
  if (agent.phase === 'claiming') return yield* claim(requestOf(world, agent));
  if (agent.phase === 'asserting') return yield* declareDead(world, agent);
  const { held } = agent;
  if (!held) throw new Error(`${agent.name} is ${agent.phase} without a claim`);
  if (agent.phase === 'releasing') return yield* giveBack(agent);
  const state = agent.phase === 'starting' ? 'claimed' : agent.stopping ? 'stopping' : 'running';
  return yield* beat(held, { generation: held.generation, state, beat: 0, registration: null });
}

/** As `barnabas run` does it after its broker's death: its own descriptor first, then the lock anew, then the end. */
function* giveBack({ held, ...agent }: Agent): Step<'over' | 'not-alone'> {
  if (!held) throw new Error(`${agent.name} has nothing to give back`);
  yield* closeLock(held.handle);
  const relocked = yield* relock(held);
  if (relocked.kind === 'not-alone') return 'not-alone';
  if (relocked.kind === 'alone') {
    yield* endOwn(held, { name: agent.name, namespace: '', uid: agent.podUid });
    yield* closeLock(relocked.handle);
  }
  return 'over';
}

/** A person ends the claim of id 0 by force. */
function declareDead(world: World, agent: Agent): Step<unknown> {
  const { self, pod: by, storage } = requestOf(world, agent);
  return releaseByHand({ brokerId: 0, by, self, storage, assertion: 'I know that it is dead', dryRun: false });
}

type Progress =
  | { readonly kind: 'asks'; readonly effect: Effect }
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'failed' };

/** Generators by the answers that they have had. */
const played = new WeakMap<readonly unknown[], Step<unknown>>();

/** A generator can't be copied: if it has gone on from here already, another plays its answers again. */
function resume(world: World, agent: Agent): IteratorResult<Effect, unknown> {
  const { answers, before } = agent;
  const ready = before && played.get(before);
  if (ready) {
    played.delete(before);
    played.set(answers, ready);
    return ready.next(answers.at(-1));
  }
  const step = pieceOf(world, agent);
  played.set(answers, step);
  let at = step.next();
  for (const answer of answers) at = step.next(answer);
  return at;
}

function replay(world: World, agent: Agent): Progress {
  try {
    const at = resume(world, agent);
    return at.done ? { kind: 'returned', value: at.value } : { kind: 'asks', effect: at.value };
  } catch (error) {
    if (error instanceof VolumeFailure || error instanceof AlienVolume) return { kind: 'failed' };
    throw error;
  }
}

const afresh = () => ({ answers: [], before: undefined, digest: '', recent: '', next: undefined });

/** Begins a piece of the protocol, up to its first question. */
export function enter(world: World, name: string, change: Partial<Agent> & Pick<Agent, 'phase'>): World {
  return settleAgent(withAgent(world, name, { ...afresh(), ...change }), name);
}

export function giveAnswer(world: World, name: string, answer: unknown): World {
  const agent = agentOf(world, name);
  const answers = [...agent.answers, answer];
  const text = summary(agent.next, answer);
  const known = matters(agent.next)
    ? { digest: digestOf(agent.digest, text), recent: '' }
    : { recent: digestOf(agent.recent, text) };
  return settleAgent(withAgent(world, name, { ...known, answers, before: agent.answers }), name);
}

/** A listing's order says nothing. */
function summary(effect: Effect | undefined, answer: unknown): string {
  const { ok, value } = (answer ?? {}) as { ok?: boolean; value?: unknown };
  if (effect?.op !== 'list' || !ok) return JSON.stringify(answer ?? null);
  return (value as Entry[])
    .map(({ name }) => name)
    .sort()
    .join('/');
}

/**
 * Whether the protocol decides by this answer after the next one that matters. Of the others (was the directory made or
 * there already, under which nonce was it published) nothing is left once they have led to the next.
 */
function matters(effect: Effect | undefined): boolean {
  switch (effect?.op) {
    case 'link':
      return effect.name !== volumeFile;
    case 'read':
      return effect.path !== volumeFile;
    case 'list':
    case 'openLock':
    case 'tryLock':
    case 'isSameFile':
    case 'readLock':
    case 'writeLock':
    case 'probeKafkaLock':
    case 'askEvidence':
      return true;
    default:
      return false;
  }
}

function settleAgent(world: World, name: string): World {
  const agent = agentOf(world, name);
  const progress = replay(world, agent);
  if (progress.kind === 'failed') return leave(world, name);
  if (progress.kind === 'returned') return conclude(world, agent, progress.value);
  const { effect } = progress;
  // Nothing of an earlier round is kept, so one that waits is as one that begins.
  if (effect.op === 'pauseAround') return rest(world, name);
  const asked = withAgent(world, name, { next: effect });
  return effect.op === 'pause' ? expectBeats(asked) : asked;
}

/** To the first listing of the next round. */
const rest = (world: World, name: string): World => enter(world, name, { phase: 'claiming' });

/** From here on each guard that is not frozen has to look, wholly, before the pause is over. */
const expectBeats = (world: World): World => ({
  ...world,
  agents: world.agents.map((agent) => {
    const guards = ['starting', 'spawning', 'running', 'beating'].includes(agent.phase);
    return { ...agent, owedBeats: guards ? (agent.phase === 'beating' ? 2 : 1) : 0 };
  }),
});

/** The end of the agent's process, by itself: the kernel closes what it has. */
export const leave = (world: World, name: string): World => ({
  ...withAgent(world, name, { ...afresh(), phase: 'ended' }),
  volume: closeAll(world.volume, name),
});

export const killBroker = (world: World, name: string): World => ({
  ...world,
  volume: closeAll(world.volume, brokerProcess(name)),
  brokers: world.brokers.map((broker) => (broker.agent === name ? { ...broker, state: 'dead' } : broker)),
});

/** What comes after a piece of the protocol. */
function conclude(world: World, agent: Agent, value: unknown): World {
  const { name } = agent;
  switch (agent.phase) {
    case 'claiming':
      return concludeClaim(world, agent, value as ClaimResult);
    case 'starting':
      if ((value as Beat).kind === 'lost') return leave(world, name);
      return withAgent(world, name, { ...afresh(), phase: 'spawning' });
    case 'beating':
      if ((value as Beat).kind === 'lost') return leave(killBroker(world, name), name);
      return afterBeat(world, agent);
    case 'asserting':
      return leave(world, name);
    default:
      return value === 'over' ? leave(world, name) : enter(world, name, { phase: 'releasing' });
  }
}

const afterBeat = (world: World, { name, owedBeats, stale }: Agent): World =>
  withAgent(world, name, {
    ...{ ...afresh(), phase: 'running', stale: Math.max(0, stale - 1) },
    owedBeats: Math.max(0, owedBeats - 1),
  });

function concludeClaim(world: World, { name, mode }: Agent, result: ClaimResult): World {
  if (result.kind !== 'claimed') return leave(world, name);
  const { brokerId, generation, handle } = result.claimed;
  const held = { brokerId, generation, handle };
  if (mode === 'wrapper') return enter(world, name, { phase: 'starting', held });
  // An init container ends, and then the kubelet starts the broker.
  return addBroker(leave(withAgent(world, name, { held }), name), name);
}

function addBroker(world: World, name: string): World {
  const { held } = agentOf(world, name);
  if (!held) throw new Error(`${name} starts a broker without a claim`);
  const broker: Broker = {
    ...{ id: held.brokerId, generation: held.generation, agent: name },
    ...{ state: 'starting', strayed: false },
  };
  // One who starts the next broker of the same agent has seen the end of the last one.
  return { ...world, brokers: [...world.brokers.filter((one) => one.agent !== name), broker] };
}

export function spawnBroker(world: World, name: string): World {
  const { held } = agentOf(world, name);
  const started = addBroker(withAgent(world, name, { phase: 'running' }), name);
  return { ...started, volume: inherit(world.volume, held?.handle ?? -1, brokerProcess(name)) };
}

/** Executes what the agent asks for. */
export function perform(
  world: World,
  agent: Agent,
  effect: Effect,
): { readonly world: World; readonly answer: unknown } {
  switch (effect.op) {
    case 'askEvidence':
      return { world, answer: judgePod(effect.record, world.pods.get(effect.record.pod.uid)) };
    case 'nonce':
      return { world, answer: freeNonce(world, agent) };
    case 'wallTime':
      return { world, answer: '2026-01-01T00:00:00.000Z' };
    case 'elapsedMs':
      return { world, answer: 0 };
    case 'tell':
    case 'pause':
    case 'pauseAround':
    case 'enterQueue':
    case 'leaveQueue':
      return { world, answer: undefined };
    default:
      return performCall(world, agent, effect as VolumeEffect);
  }
}

function performCall(world: World, { name, machine }: Agent, effect: VolumeEffect) {
  const caller = { process: name, machine, coherence: world.coherence };
  const { volume, answer } = performOnModel(world.volume, effect, caller);
  return { world: { ...world, volume }, answer };
}

/** The first that no file of this agent has: unique, and the same whatever happened elsewhere. */
function freeNonce({ volume }: World, { name }: Agent): string {
  for (let count = 1; ; count += 1) {
    const nonce = `${name}-${count}`;
    if (![...volume.texts.values()].some((text) => text.includes(`"${nonce}"`))) return nonce;
  }
}
