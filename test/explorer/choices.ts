/** Everything that can happen next in a world: a step of an agent, a broker's start or end, or one of the faults left. */
import type { Effect } from '../../src/domain/protocol/effects.ts';
import { parseLockNote } from '../../src/domain/lock-note.ts';
import { claimDirectory, lockFile, readGenerations } from '../../src/domain/protocol/paths.ts';
import { enter, giveAnswer, killBroker, leave, perform, spawnBroker } from './agents.ts';
import {
  childrenOf,
  forgetUnsynced,
  loseLocks,
  openFile,
  tryLock,
  withFile,
  withoutName,
  type ModelVolume,
} from './model-volume.ts';
import {
  brokerProcess,
  isAlive,
  liveBrokers,
  withAgent,
  type Agent,
  type Broker,
  type Budget,
  type World,
} from './world.ts';

export interface Choice {
  readonly label: string;
  readonly take: () => World;
}

/**
 * `call`: every effect is a step. `visible`: effects that nobody else can see, and that see nothing another can change,
 * are taken together with the next one. `round`: beside them a look at the whole volume is one step; for crowds.
 */
export type Grain = 'call' | 'visible' | 'round';

export function* choicesOf(world: World, grain: Grain): Generator<Choice> {
  for (const agent of world.agents) {
    if (agent.frozen) yield* thaw(world, agent);
    else if (isAlive(agent)) yield* agentChoices(world, agent, grain);
    else yield* restart(world, agent);
  }
  for (const broker of liveBrokers(world)) yield* brokerChoices(world, broker);
  yield* surroundings(world);
}

const spend = (world: World, kind: keyof Budget): World => ({
  ...world,
  budget: { ...world.budget, [kind]: world.budget[kind] - 1 },
});

function* agentChoices(world: World, agent: Agent, grain: Grain): Generator<Choice> {
  const { name, phase, next } = agent;
  const { budget } = world;
  if (next && mayGoOn(world, next) && isItsTurn(world, agent)) {
    yield { label: `${name}: ${describe(next)}`, take: () => step(world, agent, next, grain) };
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
  next.op !== 'pause' || agents.every((agent) => agent.owedBeats === 0 || agent.frozen || !isAlive(agent));

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
  if (!held || !description || budget.fault > 0 || owedBeats > 0 || stale || description.lost) return true;
  const lock = lockFile(held.brokerId);
  if (volume.names.get(lock) !== description.inode) return true;
  const { top, ended } = readGenerations(childrenOf(volume, claimDirectory(held.brokerId)).map(({ name }) => name));
  if (top !== held.generation || ended) return true;
  return parseLockNote(volume.texts.get(description.inode) ?? '')?.state !== (stopping ? 'stopping' : 'running');
}

function step(world: World, agent: Agent, effect: Effect, grain: Grain): World {
  const performed = perform(world, agent, effect);
  const after = giveAnswer(performed.world, agent.name, performed.answer);
  return hurry(withAgent(after, agent.name, { begun: true }), agent.name, grain);
}

/** Takes what nobody else can see, or be affected by, together with what was just done. */
function hurry(world: World, name: string, grain: Grain): World {
  let now = world;
  for (;;) {
    const agent = now.agents.find((one) => one.name === name);
    if (!agent?.next || !isPrivate(now, { name, effect: agent.next }, grain)) return now;
    const performed = perform(now, agent, agent.next);
    now = giveAnswer(performed.world, name, performed.answer);
  }
}

export const begin = (world: World, name: string, phase: 'claiming' | 'asserting', grain: Grain): World =>
  hurry(enter(world, name, { phase }), name, grain);

interface Asked {
  readonly name: string;
  readonly effect: Effect;
}

const neverSeen = new Set(['nonce', 'wallTime', 'elapsedMs', 'tell', 'enterQueue', 'leaveQueue']);

function isPrivate(world: World, { name, effect }: Asked, grain: Grain): boolean {
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

/** A failure of the call an agent is about to make; of some calls also one after it was done: a lost reply. */
function* faults(world: World, agent: Agent, effect: Effect): Generator<Choice> {
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
function* staleListings(world: World, agent: Agent, effect: Effect & { op: 'list' }): Generator<Choice> {
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

const crash = (world: World, name: string): World => withAgent(leave(world, name), name, { phase: 'dead' });

/** The kubelet starts the container again, once everything in it is dead. */
function* restart(world: World, { name, podUid }: Agent): Generator<Choice> {
  const pod = world.pods.get(podUid);
  if (world.budget.restart === 0 || !pod || pod.deleting) return;
  if (liveBrokers(world).some((broker) => broker.agent === name)) return;
  const again = { held: undefined, stale: false, stopping: false, owedBeats: 0 };
  const take = (): World =>
    hurry(enter(withAgent(spend(world, 'restart'), name, again), name, { phase: 'claiming' }), name, 'visible');
  yield { label: `${name}: its container restarts`, take };
}

function* thaw(world: World, agent: Agent): Generator<Choice> {
  const { name } = agent;
  yield { label: `${name}: thawed`, take: () => withAgent(world, name, { frozen: false, stale: true }) };
}

function* brokerChoices(world: World, broker: Broker): Generator<Choice> {
  const { agent: name, id } = broker;
  const agent = world.agents.find((one) => one.name === name);
  if (agent?.frozen) return;
  const label = (what: string): string => `${name}'s broker ${id}: ${what}`;
  if (broker.state === 'starting') yield { label: label('takes its .lock'), take: () => serve(world, broker) };
  if (agent?.stopping) yield { label: label('ends its shutdown'), take: () => killBroker(world, name) };
  if (world.budget.brokerCrash > 0) {
    yield { label: label('SIGKILL'), take: () => killBroker(spend(world, 'brokerCrash'), name) };
  }
  if (world.budget.stray > 0 && agent?.phase === 'running' && !broker.strayed) {
    yield {
      label: label('leaves its process group'),
      take: () => withBroker(spend(world, 'stray'), name, { strayed: true }),
    };
  }
}

const withBroker = (world: World, name: string, change: Partial<Broker>): World => ({
  ...world,
  brokers: world.brokers.map((broker) => (broker.agent === name ? { ...broker, ...change } : broker)),
});

/** Kafka's own lock: whoever does not get it dies. */
function serve(world: World, { id, agent: name }: Broker): World {
  const machine = world.agents.find((one) => one.name === name)?.machine ?? '';
  const path = `kafka-logs-${id}/.lock`;
  const made = world.volume.names.has(path) ? world.volume : withFile(world.volume, path, '');
  const { volume, answer } = openFile(made, path, { process: brokerProcess(name), machine });
  const locked = tryLock(volume, (answer as { value: number }).value, world);
  const taken = (locked.answer as { value: boolean }).value;
  return taken
    ? withBroker({ ...world, volume: locked.volume }, name, { state: 'serving' })
    : killBroker({ ...world, volume }, name);
}

/** What comes from outside: machines, servers, the API, people. */
function* surroundings(world: World): Generator<Choice> {
  const { budget } = world;
  for (const machine of world.boots.keys()) {
    if (budget.loseLocks > 0) {
      const volume = loseLocks(world.volume, machine);
      yield { label: `${machine}: its locks are lost`, take: () => ({ ...spend(world, 'loseLocks'), volume }) };
    }
    if (budget.reboot > 0) yield* reboots(world, machine);
  }
  for (const uid of world.pods.keys()) yield* podChoices(world, uid);
  if (budget.dropLockFile > 0 && world.volume.names.has('.barnabas/claims/0/lock')) {
    const volume = withoutName(world.volume, '.barnabas/claims/0/lock');
    yield {
      label: 'somebody deletes the lock file of id 0',
      take: () => ({ ...spend(world, 'dropLockFile'), volume }),
    };
  }
}

function* reboots(world: World, machine: string): Generator<Choice> {
  let now = spend(world, 'reboot');
  for (const agent of world.agents.filter((one) => one.machine === machine && isAlive(one)))
    now = crash(now, agent.name);
  for (const agent of world.agents.filter((one) => one.machine === machine)) now = killBroker(now, agent.name);
  const boots = new Map(world.boots).set(machine, `${world.boots.get(machine)}'`);
  const rebooted = (volume: ModelVolume): World => ({ ...now, boots, volume });
  yield { label: `${machine}: reboots`, take: () => rebooted(now.volume) };
  if (world.coherence === 'machine') {
    yield { label: `${machine}: loses power`, take: () => rebooted(forgetUnsynced(now.volume)) };
  }
}

function* podChoices(world: World, uid: string): Generator<Choice> {
  const pod = world.pods.get(uid);
  if (!pod) return;
  const { budget } = world;
  const change = (after: World, view: typeof pod | undefined): World => ({
    ...after,
    pods: new Map(after.pods).set(uid, view),
  });
  if (budget.forceDelete > 0) {
    yield { label: `pod ${uid}: deleted by force`, take: () => change(spend(world, 'forceDelete'), undefined) };
  }
  if (budget.declareFailed > 0) {
    const failed = { ...pod, phase: 'Failed' as const };
    yield { label: `pod ${uid}: a controller says Failed`, take: () => change(spend(world, 'declareFailed'), failed) };
  }
  if (budget.delete > 0 && !pod.deleting) {
    yield { label: `pod ${uid}: deleted`, take: () => change(spend(world, 'delete'), { ...pod, deleting: true }) };
  }
  if (!pod.terminated.every(Boolean) && (pod.deleting || pod.phase === 'Failed') && isPodDead(world, uid)) {
    yield {
      label: `pod ${uid}: the kubelet reports its end`,
      take: () => change(world, { ...pod, terminated: [true] }),
    };
  }
}

/** Every process of it: only then does a kubelet say so. */
const isPodDead = (world: World, uid: string): boolean =>
  world.agents
    .filter((agent) => agent.podUid === uid)
    .every((agent) => !isAlive(agent) && !liveBrokers(world).some((broker) => broker.agent === agent.name));

function describe(effect: Effect): string {
  const { op, ...rest } = effect as Effect & Record<string, unknown>;
  const words = Object.entries(rest).flatMap(([key, value]) =>
    key === 'text' || key === 'record' || key === 'event' ? [] : [String(value)],
  );
  return [op, ...words].join(' ');
}
