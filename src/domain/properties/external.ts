/**
 * One more listener, EXTERNAL, for clients outside Kubernetes. Its address is known only after the claim, and perhaps
 * never: so the plan is made and checked without it, and the listener added once there is something to advertise.
 *
 * Two listeners may share a protocol, since Kafka goes by their names: each name has to be in the protocol map, and that
 * of the brokers among themselves has to be told apart (Source: KIP-103; KafkaConfig of 3.9).
 */
import type { Endpoint } from '../external-address.ts';
import type { Entries, Findings } from './layers.ts';
import { bindEverywhere, controllerNames, formatListener, parseListeners, servesClients } from './listeners.ts';
import type { PropertiesPlan } from './plan.ts';

export const externalPort = 9094;
const externalName = 'EXTERNAL';

const mapKey = 'listener.security.protocol.map';
const interBrokerKeys = ['inter.broker.listener.name', 'security.inter.broker.protocol'];
const protocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];

type Decided = PropertiesPlan['entries'];

/** What stands in the way of the listener; to be asked once all other listeners are decided. */
export function checkExternal(entries: Entries, { problems }: Findings): void {
  if (!servesClients(entries)) {
    const { source = '' } = entries.get('process.roles') ?? {};
    problems.push(`${source} makes this no broker, and --external is for one: remove --external`);
    return;
  }
  const bound = listenersIn(entries, 'listeners');
  const advertised = listenersIn(entries, 'advertised.listeners');
  if ([...bound, ...advertised].some(({ name }) => name.toUpperCase() === externalName)) {
    problems.push(`${sourceOf(entries)} and --external both make the listener ${externalName}: remove one of them`);
    return;
  }
  if (bound.some(({ port }) => port === externalPort)) {
    problems.push(
      `${sourceOf(entries)} and --external both bind port ${externalPort}: take another one, or remove --external`,
    );
  }
  const map = protocolMap(entries);
  if (map.has(externalName)) return;
  const other = advertised.find(({ name }) => (map.get(name.toUpperCase()) ?? '') !== 'PLAINTEXT');
  if (!other) return;
  problems.push(
    `--external would let clients in by PLAINTEXT, and the listener ${other.name} would not: name the protocol of ${externalName} in KAFKA_LISTENER_SECURITY_PROTOCOL_MAP`,
  );
}

/** The plan with the listener on it, advertised as that. Everything else stays what it would be without. */
export function withExternal(plan: PropertiesPlan, { host, port }: Endpoint): PropertiesPlan {
  const entries = new Map(plan.entries);
  const set = (key: string, value: string): void => void entries.set(key, { value, source: '--external' });
  const append = (key: string, entry: string): void => set(key, `${entries.get(key)?.value ?? ''},${entry}`);
  const listener = { name: externalName, host, port };
  const others = listenersIn(plan.entries, 'advertised.listeners').map(({ name }) => name);
  append('listeners', formatListener(bindEverywhere({ ...listener, port: externalPort })));
  append('advertised.listeners', formatListener(listener));
  const map = protocolMap(plan.entries);
  if (!map.has(externalName)) {
    if (entries.has(mapKey)) append(mapKey, `${externalName}:PLAINTEXT`);
    else set(mapKey, [...map, [externalName, 'PLAINTEXT']].map((pair) => pair.join(':')).join(','));
  }
  // Kafka's own default is the listener called PLAINTEXT.
  const interBroker = others.find((name) => name === 'PLAINTEXT') ?? others[0];
  if (interBroker !== undefined && !interBrokerKeys.some((key) => entries.has(key)))
    set('inter.broker.listener.name', interBroker);
  return { ...plan, entries };
}

const listenersIn = (entries: Decided, key: string) => parseListeners(entries.get(key)?.value ?? '') ?? [];

/** Whoever set the listeners; the old `port` leaves no trace of itself. */
const sourceOf = (entries: Decided): string =>
  ['listeners', 'advertised.listeners']
    .flatMap((key) => entries.get(key)?.source ?? [])
    .find((source) => source !== 'derived') ?? 'port';

/** As it is set, else as Kafka has it: a controller's listener is PLAINTEXT unless one is called after TLS or SASL. */
function protocolMap(entries: Decided): Map<string, string> {
  const set = entries.get(mapKey)?.value;
  if (set !== undefined) {
    const pairs = set.split(',').map((pair) => pair.trim().toUpperCase().split(':'));
    return new Map(pairs.map(([name = '', protocol = '']) => [name.trim(), protocol.trim()]));
  }
  const controllers = controllerNames(entries);
  const names = [...controllers, ...listenersIn(entries, 'listeners').map(({ name }) => name)];
  const guessed = names.some((name) => protocols.indexOf(name) > 0) ? [] : controllers;
  return new Map([...protocols, ...guessed].map((name) => [name, protocols.includes(name) ? name : 'PLAINTEXT']));
}
