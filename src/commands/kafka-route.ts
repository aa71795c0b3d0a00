/** From settings to the way to the brokers. */
import type { kafkaSettings } from '../command-settings.ts';
import type { BrokerPods } from '../ports-cluster.ts';
import type { KafkaRoute } from '../ports-kafka.ts';
import type { Settings } from '../settings.ts';

type RouteSettings = Settings<(typeof kafkaSettings)[number]> & Partial<Settings<'zookeeper'>>;

/** To the bootstrap brokers; without any, through Kubernetes. */
export function routeOf(settings: RouteSettings, through: BrokerPods): KafkaRoute {
  const { bootstrap, zookeeper } = settings;
  const way = bootstrap === undefined ? { through } : { bootstrap };
  return { ...way, access: settings, ...(zookeeper !== undefined && { zookeeper }) };
}
