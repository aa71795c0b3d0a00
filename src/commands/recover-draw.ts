/** Draws up a plan: one look at the cluster, at what it stores, and at the volume if there is one. */
import { resolve } from 'node:path';
import { judgeFitness, type Fitness } from '../domain/recovery/fitness.ts';
import { outlookOf, secondsOf, type BrokerOutlook } from '../domain/recovery/outlook.ts';
import { planRecovery, type RecoveryPlan } from '../domain/recovery/plan.ts';
import type { Replacement } from '../domain/recovery/replacement.ts';
import { sizesOf } from '../domain/recovery/sizes.ts';
import { describeIds } from '../domain/protocol/describe.ts';
import type { World } from '../ports.ts';
import type { KafkaAdmin } from '../ports-kafka.ts';
import { runProtocol } from '../runner.ts';
import { volumeErrors } from './claim-errors.ts';
import { lookAround, readLogDirs, type Sighted } from './recover-surroundings.ts';

export interface DrawOrder {
  readonly kafka: KafkaAdmin;
  readonly replace: readonly Replacement[];
  /** One that was made before: judged by how things are now. */
  readonly plan?: RecoveryPlan;
  readonly settings: {
    readonly volume: string | undefined;
    readonly force: boolean;
    readonly throttle: number | undefined;
  };
}

export interface Drawing {
  readonly plan: RecoveryPlan;
  readonly fitness: Fitness;
  readonly outlook: readonly BrokerOutlook[];
  /** At the throttle; null without one, or where sizes are not known. */
  readonly seconds: number | null;
  readonly sighted: Sighted;
}

export async function drawPlan({ kafka, replace, plan: made, settings }: DrawOrder, world: World): Promise<Drawing> {
  const sighted = await lookAround(kafka, world);
  const { view, flights } = sighted;
  const { logDirs, why } = await readLogDirs(kafka, view.brokers);
  if (why !== undefined) world.log.warn('some sizes are not known', { why });
  const sizes = sizesOf(logDirs);
  const plan = made ?? planRecovery(replace, { view, flights, sizes });
  const onVolume = await lookAtVolume(settings.volume, replace, world);
  const whileOldLives = settings.force ? 'allowed' : 'refused';
  return {
    plan,
    fitness: judgeFitness({ plan, view, logDirs, onVolume, whileOldLives }),
    outlook: outlookOf(plan, view, sizes),
    seconds: secondsOf(plan, view, settings.throttle),
    sighted,
  };
}

/** What is said of the lost ids there: with its log dir, such a broker could simply come back. */
async function lookAtVolume(
  directory: string | undefined,
  replace: readonly Replacement[],
  world: World,
): Promise<ReadonlyMap<number, string>> {
  if (directory === undefined) return new Map();
  const opened = await world.openVolume(resolve(directory));
  const { bootId } = world.machine();
  const { ids } = await volumeErrors(opened.volume.root, () =>
    runProtocol(describeIds({ bootId, storage: opened.storage }), { ...opened, ...world }, { signal: world.signal }),
  );
  const lost = ids.filter(({ id, logDirs }) => logDirs.length > 0 && replace.some(({ old }) => old === id));
  return new Map(lost.map(({ id, logDirs, verdict }) => [id, `${logDirs.join(', ')}: ${verdict}`]));
}
