/** `keep --elect`: from a sidecar's settings to the thread that has its broker elected. */
import type { keepSettings } from '../command-settings.ts';
import { parseListeners } from '../domain/properties/listeners.ts';
import type { PropertiesPlan } from '../domain/properties/plan.ts';
import type { World } from '../ports.ts';
import type { Elector, ElectorOrder } from '../ports-kafka.ts';
import type { Settings } from '../settings.ts';
import { directly } from './kafka-route.ts';

export interface OwnElection {
  readonly settings: Settings<(typeof keepSettings)[number]>;
  readonly plan: PropertiesPlan;
  readonly brokerId: number;
}

export interface OwnElector {
  /** The broker has started, or has registered anew: what was begun before is dropped. */
  begin(): void;
  stop(): void;
}

/** Does nothing unless it is switched on. Nothing that goes wrong here reaches the guarding: it is told, and that is all. */
export function ownElector(
  election: OwnElection,
  { log, startElector }: Pick<World, 'log' | 'startElector'>,
): OwnElector {
  const { settings, brokerId } = election;
  const order = settings.elect ? orderOf(election) : undefined;
  if (settings.elect && !order) {
    log.warn('cannot have this broker elected', { brokerId, why: 'its listeners name no address: set --bootstrap' });
  }
  let elector: Elector | undefined;
  const stop = (): void => {
    elector?.stop();
    elector = undefined;
  };
  return {
    begin() {
      stop();
      if (!order) return;
      try {
        elector = startElector(order);
      } catch (error) {
        log.warn('cannot have this broker elected', { brokerId, why: (error as Error).message });
      }
    },
    stop,
  };
}

function orderOf({ settings, plan, brokerId }: OwnElection): ElectorOrder | undefined {
  const bootstrap = settings.bootstrap ?? ownAddress(plan.entries.get('listeners')?.value);
  if (bootstrap === undefined) return undefined;
  const zookeeper = settings.zookeeper ?? plan.zookeeperConnect;
  const route = directly({ ...settings, zookeeper }, bootstrap);
  const { perBroker, inSyncFor, logFormat } = settings;
  return { brokerId, route, perBroker, inSyncForMs: inSyncFor, logFormat };
}

/** Of the broker beside this agent: they share the pod's network. */
function ownAddress(listeners: string | undefined): string | undefined {
  const [first] = parseListeners(listeners ?? '') ?? [];
  if (!first) return undefined;
  const host = ['', '0.0.0.0'].includes(first.host) ? '127.0.0.1' : first.host === '::' ? '::1' : first.host;
  return `${host.includes(':') ? `[${host}]` : host}:${first.port}`;
}
