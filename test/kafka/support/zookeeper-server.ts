/** A real ZooKeeper in a child process, with sessions as short as a second. */
import { privateAddresses } from '../../../demo/cluster/addresses.ts';
import { findJars } from '../../../demo/cluster/jars.ts';
import { startZooKeeper as start, type ZooKeeper } from '../../../demo/cluster/zookeeper.ts';

export interface ZooKeeperServer extends ZooKeeper {
  readonly host: string;
}

/** Starts it; started again on the same directory and host, it is the same server. */
export async function startZooKeeper(order: { directory: string; host?: string }): Promise<ZooKeeperServer> {
  const host = order.host ?? privateAddresses().zookeeper;
  return { host, ...(await start({ jars: findJars(), directory: order.directory, host, tickTimeMs: 500 })) };
}

/** An address at which nobody listens. */
export const nobodysAddress = (): string => `${privateAddresses().zookeeper}:2181`;
