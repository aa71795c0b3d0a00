/** What must hold in every situation, and of every step (docs/guarantees.md says it in words). */
import { readGenerations, type Generations } from '../../src/domain/protocol/paths.ts';
import { childrenOf, type ModelVolume } from './model-volume.ts';
import { brokerProcess, liveBrokers, readDocument, type Agent, type Broker, type World } from './world.ts';

/** Undefined if all hold. */
export function violated(before: World, after: World): string | undefined {
  for (const invariant of [
    oneLiveBroker,
    liveMeansLocked,
    olderOnesEnded,
    releasedMeansDead,
    onePodOneId,
    nothingOfOursInLogDirs,
  ]) {
    const why = invariant(after);
    if (why !== undefined) return why;
  }
  return topNeverFalls(before, after) ?? documentsNeverChange(before, after) ?? probedByHolderAlone(before, after);
}

const guardOf = ({ agents }: World, { agent: name }: Broker): Agent | undefined =>
  agents.find((agent) => agent.name === name);

/** A frozen process does nothing, and one just thawed has until its guard's first look. */
function isActive(world: World, broker: Broker): boolean {
  const guard = guardOf(world, broker);
  return !(guard?.frozen ?? false) && (guard?.stale ?? 0) === 0;
}

function oneLiveBroker(world: World): string | undefined {
  for (let id = 0; id < world.ids; id += 1) {
    const live = liveBrokers(world).filter((broker) => broker.id === id && isActive(world, broker));
    if (live.length > 1)
      return `two live brokers have id ${id}: those of ${live.map((one) => one.agent).join(' and ')}`;
  }
  return undefined;
}

/** Wrapper mode, and the kernel's own locks: as long as a broker lives, the lock that it inherited is held. */
function liveMeansLocked({ coherence, agents, brokers, volume }: World): string | undefined {
  if (coherence !== 'machine') return undefined;
  for (const { agent, state, id } of brokers) {
    if (state === 'dead' || agents.find(({ name }) => name === agent)?.mode !== 'wrapper') continue;
    const holds = [...volume.locks.values()].some((handle) =>
      volume.descriptions.get(handle)?.holders.includes(brokerProcess(agent)),
    );
    if (!holds) return `broker ${id} of ${agent} lives, and its id lock is free`;
  }
  return undefined;
}

const known = new WeakMap<ModelVolume['names'], Generations[]>();

/** A map of names is never changed once it is in a world. */
function generationsOf(volume: ModelVolume, id: number): Generations {
  const all = known.get(volume.names) ?? [];
  known.set(volume.names, all);
  return (all[id] ??= readGenerations(childrenOf(volume, `.barnabas/claims/${id}`).map(({ name }) => name)));
}

const recordPath = (id: number, generation: number): string =>
  `.barnabas/claims/${id}/g${String(generation).padStart(8, '0')}`;

function olderOnesEnded({ volume, ids }: World): string | undefined {
  for (let id = 0; id < ids; id += 1) {
    const { top, documents } = generationsOf(volume, id);
    for (const { generation, name } of documents) {
      if (name.endsWith('.end') || generation >= top || volume.names.has(`${recordPath(id, generation)}.end`)) continue;
      // One that links a number long collected finds the higher top, and starts nothing.
      if (top - generation >= 64) continue;
      return `id ${id}: generation ${top} stands, and generation ${generation} has no end`;
    }
  }
  return undefined;
}

function releasedMeansDead(world: World): string | undefined {
  for (const broker of liveBrokers(world)) {
    const path = `${recordPath(broker.id, broker.generation)}.end`;
    const inode = world.volume.names.get(path);
    const text = inode === undefined ? '' : (world.volume.texts.get(inode) ?? '');
    if (inode !== undefined && !text.includes('"asserted"') && isActive(world, broker)) {
      return `generation ${broker.generation} of id ${broker.id} has an end, and its broker (${broker.agent}'s) lives`;
    }
  }
  return undefined;
}

function onePodOneId({ volume, ids }: World): string | undefined {
  const owners = new Map<string, number>();
  for (let id = 0; id < ids; id += 1) {
    const { top, ended } = generationsOf(volume, id);
    if (top === 0 || ended) continue;
    const { uid } = readDocument(volume.texts.get(volume.names.get(recordPath(id, top)) ?? '') ?? '').pod;
    const other = owners.get(uid);
    if (other !== undefined) return `pod ${uid} has open claims of ids ${other} and ${id}`;
    owners.set(uid, id);
  }
  return undefined;
}

const kafkas = new Set(['.lock', 'meta.properties']);

function nothingOfOursInLogDirs({ volume }: World): string | undefined {
  const alien = [...volume.names.keys()].find((path) => {
    const [directory = '', name] = path.split('/');
    return directory.startsWith('kafka-log') && name !== undefined && !kafkas.has(name);
  });
  return alien === undefined ? undefined : `${alien} is none of Kafka's`;
}

/** Even a power failure takes no generation that some live process goes by. */
function topNeverFalls(before: World, after: World): string | undefined {
  if (before.budget.reboot !== after.budget.reboot || before.volume.names === after.volume.names) return undefined;
  for (let id = 0; id < after.ids; id += 1) {
    const [was, is] = [generationsOf(before.volume, id).top, generationsOf(after.volume, id).top];
    if (is < was) return `id ${id}: the top generation went from ${was} to ${is}`;
  }
  return undefined;
}

function documentsNeverChange(before: World, after: World): string | undefined {
  if (before.volume.names === after.volume.names) return undefined;
  for (const [path, inode] of before.volume.names) {
    if (!/\/g\d+(\.end)?$/.test(path)) continue;
    const now = after.volume.names.get(path);
    if (now !== undefined && after.volume.texts.get(now) !== before.volume.texts.get(inode))
      return `${path} was changed`;
  }
  return undefined;
}

/**
 * A probe would make a broker fail that takes its `.lock` at that moment, so only one may probe who has taken the id lock
 * (and, for all that it can know, has it still).
 */
function probedByHolderAlone(before: World, after: World): string | undefined {
  for (const agent of before.agents) {
    if (agent.next?.op !== 'probeKafkaLock') continue;
    if (after.agents.find(({ name }) => name === agent.name)?.answers.length === agent.answers.length) continue;
    const id = /kafka-logs-(\d+)/.exec(agent.next.path)?.[1] ?? '';
    const opened = [...before.volume.descriptions.values()].some(
      ({ inode, holders }) => inode.startsWith(`.barnabas/claims/${id}/lock`) && holders.includes(agent.name),
    );
    if (!opened) return `${agent.name} probes ${agent.next.path} without the id lock`;
  }
  return undefined;
}
