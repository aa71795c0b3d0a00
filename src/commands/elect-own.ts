/**
 * What an agent does with `--elect`, on a thread of its own: once all replicas of its broker are in sync, and have been for a
 * while, it has that broker elected where it should lead, and is done until the broker registers anew. Whatever goes
 * wrong is told as a warning.
 */
import { preferredOf, isInSync } from '../domain/election/standing.ts';
import type { KafkaView, PartitionView } from '../domain/kafka-view.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { World } from '../ports.ts';
import type { ElectorOrder, KafkaAdmin } from '../ports-kafka.ts';
import { holdElection } from './hold-election.ts';

const firstPollMs = 1000;
const lastPollMs = 15_000;
/** How long replicas that fall out of sync again are waited for, before all of it begins anew. */
const electionMs = 300_000;
const afterFailureMs = 60_000;

type Around = Pick<World, 'clock' | 'log' | 'signal' | 'openKafka'>;

export async function electOwn(order: ElectorOrder, world: Around): Promise<void> {
  const { brokerId, route } = order;
  while (!world.signal.aborted) {
    let kafka: KafkaAdmin | undefined;
    try {
      kafka = await world.openKafka(route);
      if (await attempt(order, kafka, world)) return;
    } catch (error) {
      if (!(error instanceof BarnabasError)) throw error;
      const again = error.exitStatus === exitStatus.failed;
      world.log.warn('cannot have this broker elected', { brokerId, why: error.message, again });
      if (!again) return;
      await world.clock.pause(afterFailureMs, world.signal);
    } finally {
      await kafka?.close();
    }
  }
}

/** False if replicas are out of sync again. */
async function attempt(order: ElectorOrder, kafka: KafkaAdmin, world: Around): Promise<boolean> {
  const { brokerId, perBroker, inSyncForMs } = order;
  const { clock, log } = world;
  const view = await awaitInSync(order, kafka, world);
  if (!view) return true;
  const isChosen = (partition: PartitionView): boolean => preferredOf(partition) === brokerId;
  const rules = { perBroker, inSyncForMs, untilMs: clock.nowMs() + electionMs };
  const outcome = await holdElection({ kafka, isChosen, rules, tell: () => undefined }, view, world);
  const [before, leads] = [view, outcome.after].map((each) => countLed(each, brokerId));
  const shouldLead = outcome.after.partitions.filter(isChosen).length;
  log.info('had this broker elected where it should lead', { brokerId, before, leads, shouldLead });
  const [first] = outcome.cannot;
  if (first) {
    const partition = `${first.topic}-${first.partition}`;
    log.warn('not all can be elected', { brokerId, count: outcome.cannot.length, partition, why: first.why });
  }
  return outcome.waiting.length === 0;
}

const countLed = ({ partitions }: KafkaView, brokerId: number): number =>
  partitions.filter(({ leader }) => leader === brokerId).length;

/** The first look at which all have been in sync for long enough; undefined if told to stop. */
async function awaitInSync(
  { brokerId, inSyncForMs }: ElectorOrder,
  kafka: KafkaAdmin,
  { clock, log, signal }: Around,
): Promise<KafkaView | undefined> {
  let sinceMs = Infinity;
  let pollMs = firstPollMs;
  let told = '';
  while (!signal.aborted) {
    const look = await kafka.look();
    const is = look.kind === 'seen' && isInSync(look.view, brokerId);
    sinceMs = is ? Math.min(sinceMs, clock.nowMs()) : Infinity;
    if (is && clock.nowMs() - sinceMs >= inSyncForMs) return look.view;
    const why = look.kind === 'unseen' ? look.why : is ? '' : 'its replicas to be in sync';
    if (why !== '' && why !== told) log.info('this broker is not elected yet', { brokerId, waitingFor: why });
    told = why === '' ? told : why;
    pollMs = is ? firstPollMs : Math.min(lastPollMs, pollMs * 1.5);
    await clock.pause(is ? Math.min(pollMs, inSyncForMs) : pollMs, signal);
  }
  return undefined;
}
