/**
 * `barnabas elect --unclean`: a leader for partitions that have none and whose last messages are on brokers that are down.
 * Those messages are lost for good, so a person has to type which partitions it is about.
 */
import { someNames } from '../domain/election/counts.ts';
import { losable } from '../domain/election/standing.ts';
import { confirmationOf, describeLoss } from '../domain/election/unclean.ts';
import { nameOf, type KafkaView, type PartitionName, type PartitionView } from '../domain/kafka-view.ts';
import { BarnabasError } from '../errors.ts';
import type { World } from '../ports.ts';
import type { Elect } from './elect.ts';

/** What became of one. */
export interface Unclean extends PartitionName {
  /** Null if it was elected. */
  readonly problem: string | null;
}

interface Done {
  readonly unclean: readonly Unclean[];
  /** As it is afterwards. */
  readonly view: KafkaView;
}

const atMost = 1000;
const pollMs = 250;
const patienceMs = 15_000;

export async function electUnclean(electing: Elect, view: KafkaView, world: World): Promise<Done> {
  const { settings, isChosen, kafka } = electing;
  const partitions = settings.unclean ? losable(view, isChosen) : [];
  if (partitions.length === 0) return { unclean: [], view };
  await confirm(partitions, settings.confirm, world);
  const unclean: Unclean[] = [];
  for (let from = 0; from < partitions.length; from += atMost) {
    const answers = await kafka.elect({ type: 'unclean', partitions: partitions.slice(from, from + atMost) });
    if (answers === 'asked') continue;
    unclean.push(
      ...answers.map(({ problem, ...name }) => ({ ...name, problem: problem === null ? null : problem.name })),
    );
  }
  for (const { problem, ...name } of unclean) {
    if (problem !== null) world.log.warn('no unclean election', { partition: nameOf(name), why: problem });
  }
  const elected = unclean.filter(({ problem }) => problem === null);
  world.log.warn('elected leaders uncleanly', { count: elected.length, partitions: someNames(elected, 10) });
  return { unclean, view: await awaitLeaders(electing, { view, unclean }, world) };
}

async function confirm(partitions: readonly PartitionView[], given: string | undefined, world: World): Promise<void> {
  const expected = confirmationOf(partitions);
  const loss = describeLoss(partitions);
  const typed = given ?? (await world.ask(`${loss}.\nType \`${expected}\` to go on: `));
  if (typed === expected) return;
  if (world.signal.aborted) throw new BarnabasError('interrupted', 'interrupted: nothing was elected');
  const seen = typed === undefined ? 'nobody is there to type that it is wanted' : `"${typed}" is not what it takes`;
  const hint = `bring the broker back, or say --confirm ${JSON.stringify(expected)}`;
  throw new BarnabasError('data-refused', `refused to elect: ${loss}, and ${seen}; ${hint}`);
}

/** What one broker says may be a moment old. */
async function awaitLeaders({ kafka }: Elect, { view, unclean }: Done, { clock, signal }: World): Promise<KafkaView> {
  const elected = new Set(unclean.filter(({ problem }) => problem === null).map(nameOf));
  const untilMs = clock.nowMs() + patienceMs;
  let seen = view;
  do {
    const look = await kafka.look();
    if (look.kind === 'seen') seen = look.view;
    if (!seen.partitions.some((one) => elected.has(nameOf(one)) && one.leader < 0)) break;
    await clock.pause(pollMs, signal);
  } while (clock.nowMs() < untilMs && !signal.aborted);
  return seen;
}
