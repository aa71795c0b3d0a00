/** Kafka's `zookeeper.connect`: `host:port,host2:port/chroot`. */

export interface ZooKeeperServer {
  readonly host: string;
  readonly port: number;
}

export interface ZooKeeperAddress {
  /** At least one. */
  readonly servers: readonly ZooKeeperServer[];
  /** '' or a path such as `/kafka`. */
  readonly chroot: string;
}

const defaultPort = 2181;
const expected = 'give HOST:PORT[,HOST:PORT…][/CHROOT]';

/** IPv6 addresses are in brackets: `[fd00::7]:2181`. Or what is wrong with it. */
export function parseZooKeeperAddress(text: string): ZooKeeperAddress | { readonly problem: string } {
  const slash = text.indexOf('/');
  const chroot = slash === -1 || slash === text.length - 1 ? '' : text.slice(slash);
  const hosts = slash === -1 ? text : text.slice(0, slash);
  const problem = (why: string) => ({ problem: `"${text}" is no address of ZooKeeper: ${why}; ${expected}` });
  if (chroot !== '' && !/^(\/(?!\.{1,2}(\/|$))[^/\0\s]+)+$/.test(chroot)) {
    return problem(`the chroot "${chroot}" is not a path such as /kafka`);
  }
  const entries = hosts.split(',').map((entry) => entry.trim());
  const servers = entries.filter((entry) => entry !== '').map((entry) => parseServer(entry) ?? entry);
  const bad = servers.find((server) => typeof server === 'string');
  if (bad !== undefined) return problem(`"${bad}" is not HOST:PORT`);
  if (servers.length === 0) return problem('it names no server');
  return { servers: servers.filter((server) => typeof server !== 'string'), chroot };
}

function parseServer(entry: string): ZooKeeperServer | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(entry);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? defaultPort);
  return host === undefined || !isPort(port) ? undefined : { host, port };
}

export const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65535;

export function formatServer({ host, port }: ZooKeeperServer): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
