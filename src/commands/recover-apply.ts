/**
 * `barnabas recover apply` and `resume`: carry out a plan.
 *
 *  1. open the journal: an unfinished recovery of the same plan is gone on with, one of another is in the way
 *  2. draw the plan up, or read it; judge it by how things are now, show it, and ask
 *  3. refuse a throttle that producers outrun
 *  4. write the journal, and move (recover-forward.ts)
 *  5. lift the throttle, elect, verify, unregister (recover-end.ts)
 */
import type { recoverApplySettings, recoverResumeSettings } from '../command-settings.ts';
import { defaultCaps } from '../domain/recovery/batch.ts';
import { lookForward } from '../domain/recovery/forward.ts';
import { nextOf, openJournal, rateOf, takenUp, withRate, type Journal } from '../domain/recovery/journal.ts';
import { fileOf } from '../domain/recovery/plan-file.ts';
import { otherCluster, type RecoveryPlan } from '../domain/recovery/plan.ts';
import { describeReplacements } from '../domain/recovery/replacement.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { Given, World } from '../ports.ts';
import type { KafkaAdmin } from '../ports-kafka.ts';
import type { Settings } from '../settings.ts';
import { invalidSettings } from './prepare.ts';
import { goBack } from './recover-abort.ts';
import { drawPlan } from './recover-draw.ts';
import { endForward } from './recover-end.ts';
import { offerUnregistering } from './recover-finish.ts';
import { moveForward } from './recover-forward.ts';
import { keepJournal, withJournal, type FoundJournal } from './recover-journal.ts';
import { loadPlan, refuseUnfit } from './recover-plan.ts';
import { printDrawing, printUnregistered, sayNothing } from './recover-report.ts';
import { capsIn, lookAround, type JournalKeeper, type Recovery } from './recover-surroundings.ts';
import { refuseTooSlow } from './recover-throttle.ts';

type ApplySettings = Settings<(typeof recoverApplySettings)[number]>;
export type ResumeSettings = Settings<(typeof recoverResumeSettings)[number]>;

export async function recoverApplyCommand(settings: ApplySettings, { world, problems }: Given): Promise<number> {
  const planned = settings.plan === undefined ? undefined : await loadPlan(settings.plan, world);
  const all = [...problems, ...missing(settings, planned?.plan)];
  if (all.length > 0) throw invalidSettings(all);
  return await withJournal(settings, world, async (kafka, journal) => {
    const { found } = journal;
    const next = nextOf('apply', found, isSame(found, { settings, hash: planned?.hash }));
    if (next.kind === 'refused') throw new BarnabasError('recovery-refused', `cannot apply: ${next.why}`);
    if (next.kind === 'nothing') return sayNothing(next.why, settings.json, world);
    if (next.kind === 'go-on' && found) {
      world.log.info('going on with the recovery in the journal', { journal: journal.store.place });
      return await goOn({ settings, kafka, journal, found }, world);
    }
    return await begin({ settings, kafka, journal, planned }, world);
  });
}

export async function recoverResumeCommand(settings: ResumeSettings, { world, problems }: Given): Promise<number> {
  if (problems.length > 0) throw invalidSettings(problems);
  return await withJournal(settings, world, async (kafka, journal) => {
    const { found } = journal;
    const next = nextOf('resume', found, false);
    if (next.kind === 'nothing') return sayNothing(next.why, settings.json, world);
    if (next.kind === 'refused' || !found) {
      const why = 'why' in next ? next.why : 'there is no recovery in this journal';
      throw new BarnabasError('recovery-refused', `cannot resume (journal ${journal.store.place}): ${why}`);
    }
    return await goOn({ settings, kafka, journal, found }, world);
  });
}

function missing({ plan: path, replace }: ApplySettings, plan: RecoveryPlan | undefined): string[] {
  if (path === undefined && replace.length === 0) return ['--plan or --replace is missing: what is to be done?'];
  if (!plan || replace.length === 0 || describeReplacements(plan.replace) === describeReplacements(replace)) return [];
  return [`--replace: the plan ${path ?? ''} is of ${describeReplacements(plan.replace)}`];
}

/** Without a plan's file the ids decide; a finished recovery of these may be followed by another. */
function isSame(
  found: Journal | undefined,
  { settings, hash }: { readonly settings: ApplySettings; readonly hash: string | undefined },
): boolean {
  if (hash !== undefined) return found?.hash === hash;
  const ids = describeReplacements(settings.replace);
  return found !== undefined && found.phase !== 'done' && describeReplacements(found.plan.replace) === ids;
}

interface Beginning {
  readonly settings: ApplySettings;
  readonly kafka: KafkaAdmin;
  readonly journal: FoundJournal;
  readonly planned: { readonly plan: RecoveryPlan; readonly hash: string } | undefined;
}

async function begin({ settings, kafka, journal, planned }: Beginning, world: World): Promise<number> {
  const replace = planned?.plan.replace ?? settings.replace;
  const drawing = await drawPlan({ kafka, replace, settings, ...(planned && { plan: planned.plan }) }, world);
  const { plan, fitness, sighted } = drawing;
  if (!settings.json) await printDrawing(drawing, world);
  refuseUnfit([...otherCluster(plan, sighted.view.clusterId), ...fitness.refusals]);
  if (plan.moves.length === 0) {
    const olds = plan.replace.map(({ old }) => old);
    const unregistered = await offerUnregistering({ kafka, olds, ...settings }, world);
    if (settings.json) world.output.json({ moved: 0, left: [], apart: plan.apart, unregistered });
    else printUnregistered(unregistered, world);
    return exitStatus.done;
  }
  await confirm(settings, world);
  const { waiting } = lookForward(plan, sighted.truth);
  const caps = { ...defaultCaps, ...capsIn(settings) };
  await refuseTooSlow({ kafka, world, rate: settings.throttle, caps }, waiting, sighted);
  const hash = planned?.hash ?? fileOf(plan, await world.loadDigest()).barnabas.sha256;
  const opening = { plan, hash, caps, rate: settings.throttle, live: sighted.view.brokers };
  const keeper = await keepJournal(journal.store, openJournal({ ...opening, startedAt: world.clock.wallTime() }));
  return await run({ settings, kafka, journal: keeper, world }, settings);
}

async function confirm({ yes }: ApplySettings, world: World): Promise<void> {
  if (yes) return;
  const answer = await world.ask('Begin? [yes/no] ');
  if (world.signal.aborted) throw new BarnabasError('interrupted', 'interrupted: nothing was done');
  if (answer === undefined) {
    throw new BarnabasError('usage', 'nobody is there to be asked: --yes begins without asking');
  }
  if (answer !== 'yes') throw new BarnabasError('interrupted', 'nothing was done: the answer was not "yes"');
}

interface GoingOn {
  readonly settings: ResumeSettings;
  readonly kafka: KafkaAdmin;
  readonly journal: FoundJournal;
  readonly found: Journal;
}

/** With another throttle, if one is given. */
async function goOn({ settings, kafka, journal, found }: GoingOn, world: World): Promise<number> {
  const sighted = await lookAround(kafka, world);
  refuseUnfit(otherCluster(found.plan, sighted.view.clusterId));
  const rate = settings.throttle;
  const taken = takenUp(found, capsIn(settings));
  if (rate !== undefined && rate !== rateOf(found)) {
    const { waiting, flying } = lookForward(found.plan, sighted.truth);
    await refuseTooSlow({ kafka, world, rate, caps: taken.caps }, [...waiting, ...flying], sighted);
  }
  const next = rate === undefined ? taken : withRate(taken, rate);
  const keeper: JournalKeeper = await keepJournal(journal.store, next);
  return await run({ settings, kafka, journal: keeper, world }, settings);
}

async function run(recovery: Recovery, settings: ResumeSettings): Promise<number> {
  const forwarded = await moveForward(recovery);
  if (forwarded.kind === 'back') return await goBack(recovery, settings.json);
  return await endForward(recovery, forwarded, settings);
}
