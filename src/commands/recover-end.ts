/**
 * The end of a recovery that moved forward. The journal is finished last but for what can't be taken back, so that whatever is
 * cut off here is done again by `resume`.
 */
import type { Left } from '../domain/recovery/forward.ts';
import type { PlannedMove } from '../domain/recovery/plan.ts';
import { describeReplacements } from '../domain/recovery/replacement.ts';
import { bytesInWords, counted } from '../domain/recovery/words.ts';
import { totalOf } from '../domain/recovery/sizes.ts';
import { exitStatus } from '../errors.ts';
import { electMoved, offerUnregistering, verifyMoves, type Verified } from './recover-finish.ts';
import type { Forwarded } from './recover-forward.ts';
import { leftForJson, namesOf, printLeft, printUnregistered } from './recover-report.ts';
import type { Recovery } from './recover-surroundings.ts';
import { liftThrottle } from './recover-throttle.ts';

interface EndSettings {
  readonly json: boolean;
  readonly yes: boolean;
  readonly unregister: boolean;
}

export async function endForward(
  recovery: Recovery,
  { sighted, done, left }: Forwarded,
  settings: EndSettings,
): Promise<number> {
  const { journal, kafka, world } = recovery;
  const throttled = await liftThrottle(recovery, sighted);
  const verified = await electAndVerify(recovery, done, sighted.view);
  const isComplete =
    throttled.length + verified.notAsPlanned.length === 0 && left.every(({ whose }) => whose === 'nobody');
  const olds = journal.now().plan.replace.map(({ old }) => old);
  const unregistered = isComplete ? await offerUnregistering({ kafka, olds, ...settings }, world) : [];
  if (isComplete) await journal.save({ ...journal.now(), phase: 'done' });
  await report(recovery, { verified, left, throttled, unregistered, json: settings.json });
  return isComplete ? exitStatus.done : statusOf(left);
}

async function electAndVerify(recovery: Recovery, done: readonly PlannedMove[], view: Forwarded['sighted']['view']) {
  await electMoved(recovery, done, { view });
  return await verifyMoves(recovery, done);
}

/** 3 if somebody must look; else it may be done by running it again, once others are done with theirs. */
export const statusOf = (left: readonly Left[]): number =>
  left.some(({ whose }) => whose === 'person') ? exitStatus.refused : exitStatus.failed;

interface Ended {
  readonly verified: Verified;
  readonly left: readonly Left[];
  readonly throttled: readonly string[];
  readonly unregistered: readonly number[];
  readonly json: boolean;
}

async function report({ journal, world }: Recovery, ended: Ended): Promise<void> {
  const { verified, left, throttled, unregistered, json } = ended;
  const { plan } = journal.now();
  const { asPlanned, notAsPlanned, notPreferred } = verified;
  const { output } = world;
  if (json) {
    output.json({
      ...{ moved: asPlanned.length, bytes: totalOf(asPlanned.map(({ bytes }) => bytes)), left: leftForJson(left) },
      ...{ notAsPlanned: namesOf(notAsPlanned), notPreferred: namesOf(notPreferred), throttled, apart: plan.apart },
      unregistered,
    });
    return;
  }
  const bytes = bytesInWords(totalOf(asPlanned.map((move) => move.bytes)));
  const led = asPlanned.length - notPreferred.length;
  output.print(
    `${describeReplacements(plan.replace)}: ${asPlanned.length} of ${counted(plan.moves.length, 'partition')} as planned` +
      ` and in sync (${bytes}), ${led} led by their preferred replica`,
  );
  await printLeft(left, world);
  for (const what of throttled) output.print(await output.paint('bad', what));
  if (notAsPlanned.length > 0)
    output.print(await output.paint('bad', `not as planned: ${namesOf(notAsPlanned).join(', ')}`));
  printUnregistered(unregistered, world);
  if (plan.apart.length > 0) {
    output.print(
      await output.paint('waits', `set apart, as the plan says: ${counted(plan.apart.length, 'partition')}`),
    );
  }
}
