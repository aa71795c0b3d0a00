/** From settings to the way to the brokers. */
import type { kafkaSettings } from '../command-settings.ts';
import type { World } from '../ports.ts';
import type { BrokerPods, ClusterTarget } from '../ports-cluster.ts';
import type { KafkaRoute } from '../ports-kafka.ts';
import type { Settings } from '../settings.ts';

export type RouteSettings = Settings<(typeof kafkaSettings)[number]> & Partial<Settings<'zookeeper'>>;

/** To the bootstrap brokers; without any, through Kubernetes. */
export function routeOf(settings: RouteSettings, through: BrokerPods): KafkaRoute {
  const { bootstrap } = settings;
  return bootstrap === undefined ? { ...howToEnter(settings), through } : directly(settings, bootstrap);
}

/** For a command that wants nothing else of Kubernetes: it is asked only where no bootstrap broker is set. */
export async function findRoute(
  settings: RouteSettings & ClusterTarget,
  world: Pick<World, 'brokerPods'>,
): Promise<KafkaRoute> {
  const { bootstrap } = settings;
  return bootstrap === undefined ? routeOf(settings, await world.brokerPods(settings)) : directly(settings, bootstrap);
}

export const directly = (settings: RouteSettings, bootstrap: string): KafkaRoute => ({
  ...howToEnter(settings),
  bootstrap,
});

const howToEnter = (settings: RouteSettings) => ({
  access: settings,
  ...(settings.zookeeper !== undefined && { zookeeper: settings.zookeeper }),
});
