/** What `status`, `tree` and `why` look at. */
import { waitsOf, type Scene } from '../domain/fleet/verdict.ts';
import type { EventView } from '../domain/fleet/fleet.ts';
import { BarnabasError } from '../errors.ts';
import type { World } from '../ports.ts';
import type { BrokerPods, ClusterTarget } from '../ports-cluster.ts';

export interface Look {
  readonly scene: Scene;
  readonly events: readonly EventView[];
  readonly brokerPods: BrokerPods;
}

/** Pods without an id say only by their events what they wait for: where those can't be read, it is told without. */
export async function lookAtCluster(target: ClusterTarget, world: World): Promise<Look> {
  const brokerPods = await world.brokerPods(target);
  const fleet = await brokerPods.list();
  if (fleet.pods.length === 0 && fleet.owners.length === 0) {
    const hint = 'is --namespace right?';
    throw new BarnabasError('brokers-missing', `no pod in namespace ${fleet.namespace} runs Barnabas: ${hint}`);
  }
  const events = await readEvents(brokerPods, world);
  return { scene: { fleet, waits: waitsOf(events), now: world.clock.wallTime() }, events, brokerPods };
}

async function readEvents(brokerPods: BrokerPods, { log }: World): Promise<readonly EventView[]> {
  try {
    return await brokerPods.events();
  } catch (error) {
    if (!(error instanceof BarnabasError)) throw error;
    log.warn('events are left out', { why: error.message });
    return [];
  }
}
