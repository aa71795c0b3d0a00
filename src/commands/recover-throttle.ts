/**
 * The throttle of a recovery, put on and taken off. How a setting was before its first change is in the journal before it is
 * changed, so whatever is cut off in between can be taken back.
 */
import type { Caps } from '../domain/recovery/batch.ts';
import { noteEarlier, rateOf } from '../domain/recovery/journal.ts';
import type { PlannedMove } from '../domain/recovery/plan.ts';
import { bytesInWords, someOf } from '../domain/recovery/words.ts';
import { growthOf, sizesOf } from '../domain/recovery/sizes.ts';
import {
  additions,
  keyOfResource,
  leastRate,
  listKey,
  needsOf,
  rateKey,
  rateReminders,
  removals,
  resourceOf,
  resourcesOf,
  throttleKeys,
  type Change,
  type Ours,
  type Resource,
  type ValuesOf,
} from '../domain/recovery/throttle.ts';
import { nameOf } from '../domain/kafka-view.ts';
import { BarnabasError } from '../errors.ts';
import type { KafkaAdmin } from '../ports-kafka.ts';
import type { World } from '../ports.ts';
import {
  patiently,
  patientRounds,
  readLogDirs,
  throwIfStopped,
  type Recovery,
  type Sighted,
} from './recover-surroundings.ts';

/**
 * Puts the throttle on all that is to come, and not on each batch: with ZooKeeper a broker takes changes one by one, the slower
 * the more there were of late. False: a broker died since the look, so look anew.
 */
export function throttlerOf(
  recovery: Recovery,
): (moves: readonly PlannedMove[], live: readonly number[]) => Promise<boolean> {
  const attempt = patientRounds(recovery.world);
  const under = new Set<string>();
  let audience = '';
  return async (moves, live) => {
    if (live.join() === audience && moves.every((move) => under.has(nameOf(move)))) return true;
    if (!(await attempt(() => imposeThrottle(recovery, moves, live)))) return false;
    audience = live.join();
    for (const move of moves) under.add(nameOf(move));
    return true;
  };
}

async function imposeThrottle(
  { kafka, journal, world }: Recovery,
  moves: readonly PlannedMove[],
  live: readonly number[],
): Promise<void> {
  const rate = rateOf(journal.now());
  if (rate === undefined) return;
  const needs = needsOf(moves, live);
  const now = await readValues(kafka, resourcesOf(needs));
  await journal.save(noteEarlier(journal.now(), now));
  const changes = additions(needs, now, rate);
  // The rates last: brokers take changes in order, so who shows its rate has the lists, too.
  await change(
    kafka,
    changes.filter(({ resource }) => 'topic' in resource),
  );
  await change(
    kafka,
    changes.filter(({ resource }) => 'broker' in resource),
  );
  const shown = async (): Promise<boolean> => {
    const rates = { ...needs, topics: new Map() };
    return additions(rates, await readValues(kafka, resourcesOf(rates)), rate).length === 0;
  };
  if (changes.length > 0) await untilShown(shown, world);
}

/** Else the first copies would be let through. */
async function untilShown(shown: () => Promise<boolean>, world: World): Promise<void> {
  const untilMs = world.clock.nowMs() + shownMs;
  while (!(await shown())) {
    throwIfStopped(world);
    if (world.clock.nowMs() >= untilMs) {
      const seconds = shownMs / 1000;
      throw new BarnabasError('throttle-failed', `a broker does not show its throttle ${seconds} s after it was set`);
    }
    await world.clock.pause(shownAgainMs, world.signal);
  }
}

const shownMs = 30_000;
const shownAgainMs = 100;

/** Puts everything back as it was. What can't be reached now is told. */
export async function liftThrottle(recovery: Recovery, { view }: Sighted): Promise<string[]> {
  const { journal, world } = recovery;
  const { throttle, plan, phase } = journal.now();
  if (!throttle) return [];
  const topics = new Set(view.partitions.map(({ topic }) => topic));
  const isThere = (each: Resource): boolean =>
    'topic' in each ? topics.has(each.topic) : view.brokers.includes(each.broker);
  const noted = Object.keys(throttle.earlier).map(resourceOf);
  const reachable = noted.filter(isThere);
  const ours = { moves: plan.moves, rates: throttle.rates, earlier: throttle.earlier };
  for (const what of await putBack(recovery, ours, reachable))
    world.log.warn('somebody else has set a throttle since: it stays', { what });
  const absent = noted.flatMap((each) => ('broker' in each && !isThere(each) ? [each.broker] : []));
  const again = phase === 'aborting' ? 'abort' : 'resume';
  const lost = 'if it is lost for good, begin its recovery with another --journal';
  return absent.map(
    (id) => `broker ${id} is away and may keep its throttle until it is back: then \`${again}\` again; ${lost}`,
  );
}

const settleMs = 1000;
/** Changes that a broker has not heard of yet are not sent again and again: each makes it slower. */
const sendAgainMs = 10_000;
const putBackMs = 120_000;

/** Until two looks in a row find it so. Returns what somebody else has set. */
async function putBack(
  { kafka, world }: Recovery,
  ours: Ours,
  reachable: readonly Resource[],
): Promise<readonly string[]> {
  const { clock, signal } = world;
  const untilMs = clock.nowMs() + putBackMs;
  let sentMs = -Infinity;
  for (let calm = 0; ;) {
    throwIfStopped(world);
    const now = await patiently(world, () => readValues(kafka, reachable));
    const { changes, foreign } = removals(ours, now);
    const isFirst = sentMs === -Infinity;
    calm = changes.length === 0 && !isFirst ? calm + 1 : 0;
    if (calm === 2) return foreign;
    if (clock.nowMs() >= untilMs) {
      const still = `${keyOfResource(changes[0]?.resource ?? { topic: '' })} still shows it`;
      throw new BarnabasError('throttle-failed', `cannot take the throttle away: ${still}; run this again`);
    }
    if (isFirst || (changes.length > 0 && clock.nowMs() - sentMs >= sendAgainMs)) {
      const all = isFirst ? [...changes, ...rateReminders(ours, now)] : changes;
      await patiently(world, () => change(kafka, all));
      sentMs = clock.nowMs();
    }
    await clock.pause(settleMs, signal);
  }
}

async function readValues(kafka: KafkaAdmin, resources: readonly Resource[]): Promise<ValuesOf> {
  if (resources.length === 0) return {};
  const read = await kafka.readConfigs(resources, throttleKeys);
  return Object.fromEntries(
    resources.map((resource, index) => {
      const keyOf = 'topic' in resource ? listKey : rateKey;
      const value = (side: 'leader' | 'follower'): string | null => read[index]?.get(keyOf(side)) ?? null;
      return [keyOfResource(resource), { leader: value('leader'), follower: value('follower') }];
    }),
  );
}

async function change(kafka: KafkaAdmin, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  const answers = await kafka.changeConfigs(changes);
  const refused = answers.find(({ problem }) => problem !== null);
  if (!refused?.problem) return;
  const { name, message } = refused.problem;
  const why = message === null ? name : `${name}: ${message}`;
  throw new BarnabasError(
    'throttle-failed',
    `cannot change the throttle of ${keyOfResource(refused.resource)}: ${why}`,
  );
}

/** How long producers are watched. */
const watchMs = 5000;

export interface RateOrder extends Pick<Recovery, 'kafka' | 'world'> {
  readonly rate: number | undefined;
  readonly caps: Caps;
}

/** A rate that producers outrun would never let anything finish. */
export async function refuseTooSlow(
  { kafka, world, rate, caps }: RateOrder,
  moves: readonly PlannedMove[],
  { view }: Sighted,
): Promise<void> {
  if (rate === undefined || moves.length === 0) return;
  const names = new Set(moves.map(nameOf));
  const partitions = view.partitions.filter((partition) => names.has(nameOf(partition)));
  const leaders = [...new Set(partitions.map(({ leader }) => leader))].filter((id) => id >= 0);
  world.log.info('watching what producers bring in', { seconds: watchMs / 1000 });
  const look = async () => ({ atMs: world.clock.nowMs(), sizes: sizesOf((await readLogDirs(kafka, leaders)).logDirs) });
  const first = await look();
  await world.clock.pause(watchMs, world.signal);
  const second = await look();
  const elapsedMs = second.atMs - first.atMs;
  const growth = growthOf(partitions, { first: first.sizes, second: second.sizes, elapsedMs });
  const least = leastRate(moves, growth, caps.partitions);
  if (rate > least.rate) return;
  const most = [...moves].sort((a, b) => (growth.get(nameOf(b)) ?? 0) - (growth.get(nameOf(a)) ?? 0));
  const bringing = `producers bring ${bytesInWords(least.rate)}/s to what broker ${least.broker} is to copy at once`;
  const hint = `set a higher one, or copy less at once (--batch-partitions); most comes to ${someOf(most, 3)}`;
  const what = `--throttle ${bytesInWords(rate)}/s would never end: ${bringing}`;
  throw new BarnabasError('recovery-refused', `${what}; ${hint}`);
}
