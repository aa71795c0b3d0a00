/**
 * `listeners` (where the broker binds) and `advertised.listeners` (what clients are told): whichever is missing follows
 * from the other, the advertised host and the pod's address. `{id}` in either stands for the broker id.
 */
import { isPort } from '../zookeeper-address.ts';
import type { Entries, Entry, Findings } from './layers.ts';

export interface HostSources {
  /** `--advertised-host`. */
  readonly told: string | undefined;
  readonly podIp: string | undefined;
}

export interface Listener {
  readonly name: string;
  /** Without brackets; '' binds every address. */
  readonly host: string;
  readonly port: number;
}

const defaultPort = 9092;
const wildcards = new Set(['', '0.0.0.0', '::', '0:0:0:0:0:0:0:0']);

/** `NAME://HOST:PORT[,…]`; an IPv6 address stands in brackets. Undefined if it does not parse. */
export function parseListeners(text: string): Listener[] | undefined {
  const listeners = text.split(',').map((entry) => {
    const match = /^([\w-]+):\/\/(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]/\s]*)):(\d{1,5})$/.exec(entry.trim());
    return match && { name: match[1] ?? '', host: match[2] ?? match[3] ?? '', port: Number(match[4]) };
  });
  // Kafka takes port 0 for any free one.
  const whole = listeners.filter((entry) => entry !== null && (entry.port === 0 || isPort(entry.port)));
  return whole.length === listeners.length ? whole.filter((entry) => entry !== null) : undefined;
}

export const formatListener = ({ name, host, port }: Listener): string =>
  `${name}://${host.includes(':') ? `[${host}]` : host}:${port}`;

const formatListeners = (listeners: readonly Listener[]): string => listeners.map(formatListener).join(',');

/** Completes the entries. Taken away are the keys of Kafka before 3.0 that said the same in another way. */
export function decideListeners(entries: Entries, hosts: HostSources, findings: Findings): void {
  const legacy = takeLegacy(entries, findings);
  const listeners = readListeners('listeners', entries, findings);
  const advertised = readListeners('advertised.listeners', entries, findings);
  if (listeners === 'bad' || advertised === 'bad') return;
  if (advertised) {
    checkAdvertised(entries, advertised, { hosts, legacy, findings });
    if (!listeners) set(entries, 'listeners', advertised.map(bindEverywhere));
    return;
  }
  if (!servesClients(entries)) return;
  const bound = listeners ?? [{ name: 'PLAINTEXT', host: legacy.host?.value ?? '0.0.0.0', port: legacy.port }];
  if (!listeners) set(entries, 'listeners', bound);
  const own = withoutControllers(bound, entries);
  const told = own.map((listener) => ({ ...listener, ...advertise(listener, hosts, legacy) }));
  if (told.every(({ host }) => host !== undefined)) set(entries, 'advertised.listeners', told as Listener[]);
  else findings.problems.push('no address of this machine is known for clients: set --advertised-host');
}

const set = (entries: Entries, key: string, listeners: readonly Listener[]): void =>
  void entries.set(key, { value: formatListeners(listeners), source: 'derived' });

export const bindEverywhere = (listener: Listener): Listener => ({
  ...listener,
  host: listener.host.includes(':') ? '::' : '0.0.0.0',
});

function readListeners(key: string, entries: Entries, { problems }: Findings): Listener[] | 'bad' | undefined {
  const entry = entries.get(key);
  if (!entry) return undefined;
  const listeners = parseListeners(entry.value);
  if (listeners) return listeners;
  problems.push(`${entry.source}: "${entry.value}" is no list of listeners: NAME://HOST:PORT[,…] is expected`);
  return 'bad';
}

/** A KRaft controller alone is no broker, and advertises nothing to clients. */
export function servesClients(entries: Entries): boolean {
  const roles = entries.get('process.roles')?.value;
  return roles === undefined || /\bbroker\b/.test(roles);
}

export const controllerNames = (entries: ReadonlyMap<string, Entry>): string[] =>
  (entries.get('controller.listener.names')?.value ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

function withoutControllers(listeners: readonly Listener[], entries: Entries): Listener[] {
  const names = controllerNames(entries);
  return listeners.filter(({ name }) => !names.includes(name));
}

/** The host that was told, else the one that the listener binds alone, else the pod's. */
function advertise(listener: Listener, { told, podIp }: HostSources, legacy: Legacy) {
  const bound = wildcards.has(listener.host) ? undefined : listener.host;
  return { host: told ?? legacy.advertisedHost?.value ?? bound ?? podIp, port: legacy.advertisedPort ?? listener.port };
}

interface Advertised {
  readonly hosts: HostSources;
  readonly legacy: Legacy;
  readonly findings: Findings;
}

function checkAdvertised(entries: Entries, advertised: Listener[], { hosts, legacy, findings }: Advertised): void {
  const source = entries.get('advertised.listeners')?.source ?? '';
  const everywhere = advertised.find(({ host }) => wildcards.has(host));
  if (everywhere) {
    const what = formatListener(everywhere);
    findings.problems.push(`${source}: no client can reach ${what}: advertise an address, or leave it out`);
  }
  const others = [hosts.told === undefined ? undefined : '--advertised-host', ...legacy.sources];
  for (const other of others.filter((entry) => entry !== undefined)) {
    findings.problems.push(`${source} and ${other} both say what is advertised: remove one of them`);
  }
}

interface Legacy {
  readonly host: Entry | undefined;
  readonly port: number;
  readonly advertisedHost: Entry | undefined;
  readonly advertisedPort: number | undefined;
  /** Of those that speak of what is advertised. */
  readonly sources: readonly string[];
}

/** `host.name`, `port`, `advertised.host.name`, `advertised.port`, and the same without `.name`: gone in Kafka 3.0. */
function takeLegacy(entries: Entries, { problems, warnings }: Findings): Legacy {
  const take = (...keys: string[]): Entry | undefined => {
    const found = keys.flatMap((key) => entries.get(key) ?? []);
    for (const key of keys) entries.delete(key);
    for (const { source } of found) warnings.push(`${source} is converted: Kafka 3.0 knows only listeners`);
    return found[0];
  };
  const portOf = (entry: Entry | undefined): number | undefined => {
    if (entry && !isPort(Number(entry.value))) problems.push(`${entry.source}: "${entry.value}" is no port`);
    return entry && Number(entry.value);
  };
  const host = take('host.name', 'host');
  const port = take('port');
  const advertisedHost = take('advertised.host.name', 'advertised.host');
  const advertisedPort = take('advertised.port');
  return {
    host,
    port: portOf(port) ?? defaultPort,
    advertisedHost,
    advertisedPort: portOf(advertisedPort),
    sources: [advertisedHost, advertisedPort].flatMap((entry) => entry?.source ?? []),
  };
}
