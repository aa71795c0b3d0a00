/** Kafka's `zookeeper.connect`: `host:port,host2:port/chroot`. */
import { BarnabasError } from '../errors.ts';

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

/** Throws `settings-invalid`. IPv6 addresses are in brackets: `[fd00::7]:2181`. */
export function parseZooKeeperAddress(text: string): ZooKeeperAddress {
  const slash = text.indexOf('/');
  const chroot = slash === -1 || slash === text.length - 1 ? '' : text.slice(slash);
  const hosts = slash === -1 ? text : text.slice(0, slash);
  if (chroot !== '' && !/^(\/(?!\.{1,2}(\/|$))[^/\0]+)+$/.test(chroot)) {
    throw invalid(text, `the chroot ${JSON.stringify(chroot)} is not a path such as /kafka`);
  }
  const servers = hosts
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => parseServer(entry, text));
  if (servers.length === 0) throw invalid(text, 'it names no server');
  return { servers, chroot };
}

function parseServer(entry: string, text: string): ZooKeeperServer {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(entry);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? defaultPort);
  if (host === undefined || port < 1 || port > 65535) {
    throw invalid(text, `${JSON.stringify(entry)} is not HOST:PORT`);
  }
  return { host, port };
}

function invalid(text: string, why: string): BarnabasError {
  return new BarnabasError(
    'settings-invalid',
    `cannot use ${JSON.stringify(text)} as ZooKeeper's address: ${why}; give HOST:PORT[,HOST:PORT…][/CHROOT]`,
  );
}

export function formatServer({ host, port }: ZooKeeperServer): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
