/** Whom a config belongs to, on the wire. */
import type { ConfigChange, ConfigResource } from '../../ports-kafka.ts';
import type { Reader } from './reader.ts';

export interface WireResource {
  readonly type: number;
  readonly name: string;
}

const types = { topic: 2, broker: 4 } as const;

export const toWire = (resource: ConfigResource): WireResource =>
  'topic' in resource
    ? { type: types.topic, name: resource.topic }
    : { type: types.broker, name: String(resource.broker) };

/** One for each resource: also the key of a map. */
export const keyOf = ({ type, name }: WireResource): string => `${type} ${name}`;

/** What became of one resource that was asked for. */
export interface ResourceResult extends WireResource {
  readonly error: number;
  readonly message: string | null;
}

export const readResult = (from: Reader): ResourceResult => ({
  error: from.int16(),
  message: from.nullableString(),
  type: from.int8(),
  name: from.string(),
});

/** What changes of one resource, in the order in which resources first come. */
export interface ResourceChanges {
  readonly resource: ConfigResource;
  readonly changes: readonly ConfigChange[];
}

export function byConfigResource(changes: readonly ConfigChange[]): ResourceChanges[] {
  const groups = new Map<string, { readonly resource: ConfigResource; readonly changes: ConfigChange[] }>();
  for (const change of changes) {
    const key = keyOf(toWire(change.resource));
    const group = groups.get(key);
    if (group) group.changes.push(change);
    else groups.set(key, { resource: change.resource, changes: [change] });
  }
  return [...groups.values()];
}
