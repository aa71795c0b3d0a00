/** What brokers do, and what comes from outside: machines, servers, the API, people. */
import { killBroker } from './agents.ts';
import {
  forgetUnsynced,
  loseLocks,
  openFile,
  tryLock,
  withFile,
  withoutName,
  type ModelVolume,
} from './model-volume.ts';
import { crash, spend, type Choice } from './steps.ts';
import { brokerProcess, isAlive, liveBrokers, type Broker, type World } from './world.ts';

export function* brokerChoices(world: World, broker: Broker): Generator<Choice> {
  const { agent: name, id } = broker;
  const agent = world.agents.find((one) => one.name === name);
  if (agent?.frozen || agent?.cut) return;
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

export function* surroundings(world: World): Generator<Choice> {
  const { budget } = world;
  for (const machine of world.boots.keys()) {
    if (budget.loseLocks > 0) {
      const volume = loseLocks(world.volume, machine);
      yield { label: `${machine}: its locks are lost`, take: () => ({ ...spend(world, 'loseLocks'), volume }) };
    }
    if (budget.reboot > 0) yield* reboots(world, machine);
    yield* cables(world, machine);
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

/** A machine that does not reach the volume, and may again. */
function* cables(world: World, machine: string): Generator<Choice> {
  const isCut = world.agents.some((agent) => agent.machine === machine && agent.cut);
  const set = (cut: boolean) =>
    world.agents.map((agent) => (agent.machine === machine && isAlive(agent) ? { ...agent, cut } : agent));
  if (isCut) yield { label: `${machine}: reaches the volume again`, take: () => ({ ...world, agents: set(false) }) };
  else if (world.budget.cut > 0) {
    yield { label: `${machine}: cut off from the volume`, take: () => ({ ...spend(world, 'cut'), agents: set(true) }) };
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
