/** server.properties for one broker: every key once, sorted, escaped. */
import { formatProperty } from './escape.ts';
import type { PropertiesPlan } from './plan.ts';

export interface RenderedProperty {
  readonly key: string;
  readonly value: string;
  /** Where it comes from, such as `KAFKA_LISTENERS` or `server.properties:12`. */
  readonly source: string;
  /** Never to be logged. */
  readonly secret: boolean;
}

export interface ClaimedBroker {
  readonly brokerId: number;
  /** Absolute. */
  readonly logDir: string;
}

/** Keys whose values are told to nobody. */
const secretKeys = /password|secret|jaas|credential|token|private|keystore\.key|encoder/;
/** Keys in which `{id}` stands for the broker id; elsewhere it stands for itself. */
const withId = new Set(['listeners', 'advertised.listeners']);

const header = '# Written by Barnabas for this broker. Changes are lost at its next start.';

export function renderProperties(
  plan: PropertiesPlan,
  { brokerId, logDir }: ClaimedBroker,
): { readonly text: string; readonly entries: readonly RenderedProperty[] } {
  const id = { value: String(brokerId), source: 'the claim' };
  const own = [
    [plan.mode === 'kraft' ? 'node.id' : 'broker.id', id],
    ['log.dirs', { value: logDir, source: 'the claim' }],
  ] as const;
  const entries = [...plan.entries, ...own]
    .map(([key, { value, source }]) => ({
      key,
      value: withId.has(key) ? value.replaceAll('{id}', String(brokerId)) : value,
      source,
      secret: secretKeys.test(key),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const lines = entries.map(({ key, value }) => formatProperty(key, value));
  return { text: `${[header, ...lines].join('\n')}\n`, entries };
}
