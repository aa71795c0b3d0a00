/**
 * `barnabas elect`: has every partition led by its preferred replica again, as far and as soon as that can be.
 *
 *  1. look at the whole cluster
 *  2. with `--unclean`, and only once somebody has typed it: give those a leader that have none (elect-unclean.ts)
 *  3. hold the election (hold-election.ts): in waves, waiting for replicas that are catching up
 *  4. tell what was elected, what was not and why, and who leads how much
 */
import type { electSettings } from '../command-settings.ts';
import type { Rules } from '../domain/election/course.ts';
import { choose, meaningNothing, type Chosen } from '../domain/election/topics.ts';
import type { KafkaView } from '../domain/kafka-view.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { Given, World } from '../ports.ts';
import type { KafkaAdmin } from '../ports-kafka.ts';
import type { Settings } from '../settings.ts';
import { planElection } from './elect-plan.ts';
import { reportElection } from './elect-report.ts';
import { electUnclean } from './elect-unclean.ts';
import { holdElection, type News } from './hold-election.ts';
import { findRoute } from './kafka-route.ts';
import { invalidSettings } from './prepare.ts';

export type ElectSettings = Settings<(typeof electSettings)[number]>;

export async function electCommand(settings: ElectSettings, { world, problems }: Given): Promise<number> {
  const all = [...problems, ...missingUnclean(settings)];
  if (all.length > 0) throw invalidSettings(all);
  const kafka = await world.openKafka(await findRoute(settings, world));
  try {
    return await elect({ settings, kafka, isChosen: choose(settings.topic) }, world);
  } finally {
    world.progress.clear();
    await kafka.close();
  }
}

const missingUnclean = ({ unclean, confirm }: ElectSettings): readonly string[] =>
  !unclean && confirm !== undefined ? ['--confirm goes with --unclean only'] : [];

export interface Elect {
  readonly settings: ElectSettings;
  readonly kafka: KafkaAdmin;
  readonly isChosen: Chosen;
}

async function elect(electing: Elect, world: World): Promise<number> {
  const { settings, isChosen } = electing;
  const fromMs = world.clock.nowMs();
  const before = await lookFirst(electing);
  const nothing = meaningNothing(settings.topic, before.partitions);
  if (nothing.length > 0) {
    const hint = 'is it spelt like that, and are you allowed to see it?';
    throw invalidSettings(nothing.map((pattern) => `--topic: there is no topic ${pattern}: ${hint}`));
  }
  const rules = rulesOf(settings, fromMs);
  if (settings.dryRun) return await planElection({ ...electing, rules, view: before }, world);
  const { unclean, view } = await electUnclean(electing, before, world);
  const tell = teller(world);
  const outcome = await holdElection({ ...electing, rules, tell }, view, world);
  world.progress.clear();
  const tookMs = Math.round(world.clock.nowMs() - fromMs);
  await reportElection({ settings, isChosen, before, unclean, outcome, tookMs }, world);
  if (outcome.waiting.length > 0) return exitStatus.deadline;
  return outcome.cannot.length > 0 ? exitStatus.failed : exitStatus.done;
}

export const rulesOf = (
  { perBroker, inSyncFor, wait }: Pick<ElectSettings, 'perBroker' | 'inSyncFor' | 'wait'>,
  nowMs: number,
): Rules => ({ perBroker, inSyncForMs: inSyncFor, untilMs: nowMs + wait });

async function lookFirst({ kafka }: Elect): Promise<KafkaView> {
  const look = await kafka.look();
  if (look.kind === 'seen') return look.view;
  throw new BarnabasError('kafka-failed', `cannot look at the cluster: ${look.why}`);
}

/** On a terminal one line that is written over; elsewhere a log line when something changes. */
function teller({ progress, log }: World): (news: News) => void {
  let told = '';
  return ({ wanted, elected, step }) => {
    const why = step.kind === 'wait' ? step.why : undefined;
    if (progress.watched) {
      progress.show(`elected ${elected} of ${wanted}${why === undefined ? '' : ` · waiting for ${why}`}`);
      return;
    }
    if (step.kind === 'elect') log.info('electing preferred leaders', { count: step.wave.length, elected, of: wanted });
    if (why !== undefined && why !== told) log.info('waiting', { for: why, elected, of: wanted });
    told = why ?? told;
  };
}
