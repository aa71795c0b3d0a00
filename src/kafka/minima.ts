/** `min.insync.replicas` of topics. */
import type { Brokers } from './brokers.ts';
import type { Link } from './link.ts';
import { describeConfigs } from './protocol/describe-configs.ts';

const key = 'min.insync.replicas';
const timeoutMs = 10_000;
/** A broker of ZooKeeper mode reads each topic's from ZooKeeper, a third of a millisecond: too much for every look. */
const maxAgeMs = 30_000;

/** Remembers them for a while. */
export class Minima {
  #known = new Map<string, { readonly value: number; readonly readMs: number }>();

  /** Left out: topics of which we may not know it, and all of brokers before Kafka 0.11. */
  async read(
    topics: readonly string[],
    { brokers, link }: { readonly brokers: Brokers; readonly link: Link },
  ): Promise<ReadonlyMap<string, number>> {
    if (!link.supports(describeConfigs)) return new Map();
    const now = performance.now();
    const kept = topics.flatMap((topic) => {
      const known = this.#known.get(topic);
      return known && now - known.readMs < maxAgeMs ? [[topic, known] as const] : [];
    });
    this.#known = new Map(kept);
    const asked = topics.filter((topic) => !this.#known.has(topic));
    if (asked.length > 0) {
      const request = { resources: asked.map((topic) => ({ topic })), keys: [key] };
      for (const { name, entries } of await brokers.askOf(link, { api: describeConfigs, request, timeoutMs })) {
        const value = entries.find((entry) => entry.key === key)?.value;
        if (typeof value === 'string') this.#known.set(name, { value: Number(value), readMs: now });
      }
    }
    return new Map([...this.#known].map(([topic, { value }]) => [topic, value]));
  }

  /** After a change of ours. */
  forget(): void {
    this.#known.clear();
  }
}
