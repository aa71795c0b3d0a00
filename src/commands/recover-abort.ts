/** `barnabas recover abort`: back to how things were, in the exact order, where that is safe. */
import type { recoverAbortSettings } from '../command-settings.ts';
import { nextOf, takenUp } from '../domain/recovery/journal.ts';
import { otherCluster } from '../domain/recovery/plan.ts';
import { describeReplacements } from '../domain/recovery/replacement.ts';
import { counted, someOf } from '../domain/recovery/words.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { Given } from '../ports.ts';
import type { Settings } from '../settings.ts';
import { invalidSettings } from './prepare.ts';
import { moveBackward, type WentBack } from './recover-back.ts';
import { statusOf } from './recover-end.ts';
import { electMoved } from './recover-finish.ts';
import { keepJournal, withJournal } from './recover-journal.ts';
import { refuseUnfit } from './recover-plan.ts';
import { leftForJson, namesOf, printLeft, sayNothing } from './recover-report.ts';
import { capsIn, lookAround, type Recovery } from './recover-surroundings.ts';
import { liftThrottle } from './recover-throttle.ts';

type AbortSettings = Settings<(typeof recoverAbortSettings)[number]>;

export async function recoverAbortCommand(settings: AbortSettings, { world, problems }: Given): Promise<number> {
  if (problems.length > 0) throw invalidSettings(problems);
  return await withJournal(settings, world, async (kafka, { store, found }) => {
    const next = nextOf('abort', found, false);
    if (next.kind === 'nothing') return sayNothing(next.why, settings.json, world);
    if (next.kind === 'refused' || !found) {
      const why = 'why' in next ? next.why : 'there is no recovery in this journal';
      throw new BarnabasError('recovery-refused', `cannot abort (journal ${store.place}): ${why}`);
    }
    const { view } = await lookAround(kafka, world);
    refuseUnfit(otherCluster(found.plan, view.clusterId));
    const journal = await keepJournal(store, takenUp(found, capsIn(settings)));
    return await goBack({ settings: { ...settings, yes: true }, kafka, journal, world }, settings.json);
  });
}

/** From here on it only goes back: `resume` refuses. */
export async function goBack(recovery: Recovery, json: boolean): Promise<number> {
  const { journal } = recovery;
  await journal.save({ ...journal.now(), phase: 'aborting' });
  const went = await moveBackward(recovery);
  const throttled = await liftThrottle(recovery, went.sighted);
  await electMoved(recovery, went.original, { view: went.sighted.view, waitMs: 0 });
  const isComplete = throttled.length === 0 && went.left.every(({ whose }) => whose === 'nobody');
  if (isComplete) await journal.save({ ...journal.now(), phase: 'aborted' });
  await report(recovery, { ...went, throttled, json });
  return isComplete ? exitStatus.done : statusOf(went.left);
}

interface Ended extends WentBack {
  readonly throttled: readonly string[];
  readonly json: boolean;
}

async function report({ journal, world }: Recovery, ended: Ended): Promise<void> {
  const { original, kept, left, throttled, json } = ended;
  const { output } = world;
  if (json) {
    output.json({ original: original.length, kept: namesOf(kept), left: leftForJson(left), throttled });
    return;
  }
  const { plan } = journal.now();
  const of = counted(plan.moves.length, 'partition');
  output.print(`${describeReplacements(plan.replace)} is called off: ${original.length} of ${of} as they were`);
  if (kept.length > 0) {
    const why = 'they were done, and the lost broker is not there to go back to';
    output.print(await output.paint('waits', `kept as planned: ${someOf(kept)}: ${why}`));
  }
  await printLeft(left, world);
  for (const what of throttled) output.print(await output.paint('bad', what));
}
