/** `barnabas recover status`: how far the recovery in the journal is. Changes nothing, and disturbs no one at work with it. */
import type { recoverStatusSettings } from '../command-settings.ts';
import { lookForward } from '../domain/recovery/forward.ts';
import { rateOf, type Journal } from '../domain/recovery/journal.ts';
import { comingOf, otherCluster } from '../domain/recovery/plan.ts';
import { describePace, progressOf } from '../domain/recovery/progress.ts';
import { describeReplacements } from '../domain/recovery/replacement.ts';
import { sizesOf } from '../domain/recovery/sizes.ts';
import { bytesInWords } from '../domain/recovery/words.ts';
import { exitStatus } from '../errors.ts';
import type { Given, World } from '../ports.ts';
import type { KafkaAdmin } from '../ports-kafka.ts';
import type { Settings } from '../settings.ts';
import { findRoute } from './kafka-route.ts';
import { invalidSettings } from './prepare.ts';
import { findJournal } from './recover-journal.ts';
import { refuseUnfit } from './recover-plan.ts';
import { leftForJson, printLeft } from './recover-report.ts';
import { lookAround, readLogDirs } from './recover-surroundings.ts';

type StatusSettings = Settings<(typeof recoverStatusSettings)[number]>;

/** Exit status 1 while it is not finished. */
export async function recoverStatusCommand(settings: StatusSettings, { world, problems }: Given): Promise<number> {
  if (problems.length > 0) throw invalidSettings(problems);
  const { store, found } = await findJournal(settings, 'read', world);
  await store.close();
  if (!found) {
    if (settings.json) world.output.json({ phase: 'none' });
    else world.output.print(`no recovery in the journal ${store.place}`);
    return exitStatus.done;
  }
  const kafka = await world.openKafka(await findRoute(settings, world));
  try {
    await tell({ kafka, journal: found, json: settings.json }, world);
  } finally {
    await kafka.close();
  }
  return found.phase === 'moving' || found.phase === 'aborting' ? exitStatus.failed : exitStatus.done;
}

interface Telling {
  readonly kafka: KafkaAdmin;
  readonly journal: Journal;
  readonly json: boolean;
}

async function tell({ kafka, journal, json }: Telling, world: World): Promise<void> {
  const { plan, phase, startedAt } = journal;
  const { view, truth } = await lookAround(kafka, world);
  refuseUnfit(otherCluster(plan, view.clusterId));
  const forward = lookForward(plan, truth);
  const leaders = forward.flying.flatMap(
    ({ topic, partition }) => truth.partitions.get(`${topic}-${partition}`)?.leader ?? [],
  );
  const asked = new Set([...forward.flying.flatMap(comingOf), ...leaders]);
  const { logDirs } = await readLogDirs(
    kafka,
    view.brokers.filter((id) => asked.has(id)),
  );
  const now = { ...progressOf(forward, truth, sizesOf(logDirs)), atMs: 0 };
  const { done, flying, waiting, left } = forward;
  const isOver = phase === 'done' || phase === 'aborted';
  const rate = isOver ? null : (rateOf(journal) ?? null);
  const counts = { done: done.length, flying: flying.length, waiting: waiting.length };
  const back = plan.replace.map(({ old }) => old).filter((old) => view.brokers.includes(old));
  if (json) {
    world.output.json({
      phase,
      startedAt,
      replace: plan.replace,
      ...counts,
      left: leftForJson(left),
      bytes: now.bytes,
      rate,
      back,
    });
    return;
  }
  world.output.print(`${describeReplacements(plan.replace)}: ${phase}, since ${startedAt}`);
  const pace = describePace({ now, rate: null, secondsLeft: null, stillMs: 0 });
  world.output.print(isOver ? pace : `${pace}; ${counts.flying} in flight, ${counts.waiting} to begin`);
  if (rate !== null) world.output.print(`throttle: ${bytesInWords(rate)}/s`);
  if (back.length > 0)
    world.output.print(await world.output.paint('waits', `broker ${back.join(', ')} is in the cluster`));
  await printLeft(left, world);
}
