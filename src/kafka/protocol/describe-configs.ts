/** The values of some keys (KIP-133). */
import type { ConfigResource } from '../../ports-kafka.ts';
import type { Api } from './api.ts';
import { readResult, toWire, type ResourceResult } from './configs.ts';
import type { Reader } from './reader.ts';

export interface DescribeConfigsRequest {
  readonly resources: readonly ConfigResource[];
  readonly keys: readonly string[];
}

export interface ConfigEntry {
  readonly key: string;
  /** Null for secrets, and where there is none. */
  readonly value: string | null;
  /** Set on this very resource while brokers ran; before version 1 also what is written in a broker's file. */
  readonly own: boolean;
}

export interface DescribedConfig extends ResourceResult {
  readonly entries: readonly ConfigEntry[];
}

/** 0: Kafka 0.11; 1: 1.1, with where a value comes from (KIP-226); 3: 2.6, types (KIP-569); 4: 2.8, flexible. */
export const describeConfigs: Api<DescribeConfigsRequest, readonly DescribedConfig[]> = {
  key: 32,
  name: 'DescribeConfigs',
  since: '0.11',
  versions: [0, 4],
  flexibleFrom: 4,
  write(to, { resources, keys }, version) {
    to.structs(resources, (resource) => {
      const { type, name } = toWire(resource);
      to.int8(type);
      to.string(name);
      to.array(keys, (key) => to.string(key));
    });
    if (version >= 1) to.boolean(false);
    if (version >= 3) to.boolean(false);
    to.tags();
  },
  read(from, version) {
    from.int32();
    const results = from.structs(() => ({
      ...readResult(from),
      entries: from.structs(() => readEntry(from, version)),
    }));
    from.tags();
    return results;
  },
};

/** DYNAMIC_TOPIC_CONFIG and DYNAMIC_BROKER_CONFIG */
const ownSources = [1, 2];

function readEntry(from: Reader, version: number): ConfigEntry {
  const key = from.string();
  const value = from.nullableString();
  from.boolean();
  const own = version >= 1 ? ownSources.includes(from.int8()) : !from.boolean();
  from.boolean();
  if (version >= 1) {
    from.structs(() => {
      from.string();
      from.nullableString();
      from.int8();
    });
  }
  if (version >= 3) {
    from.int8();
    from.nullableString();
  }
  return { key, value, own };
}
