/** Changes single keys, and single entries of lists (KIP-339). */
import type { ConfigChange } from '../../ports-kafka.ts';
import type { Api } from './api.ts';
import { byConfigResource, toWire, type WireResource } from './configs.ts';

export interface AlteredConfig extends WireResource {
  readonly error: number;
  readonly message: string | null;
}

const operations = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

/** 0: Kafka 2.3; 1: 2.4, flexible. What one resource is refused, none of its keys has got. */
export const incrementalAlterConfigs: Api<readonly ConfigChange[], readonly AlteredConfig[]> = {
  key: 44,
  name: 'IncrementalAlterConfigs',
  since: '2.3',
  versions: [0, 1],
  flexibleFrom: 1,
  write(to, changes) {
    to.structs(byConfigResource(changes), ({ resource, changes: own }) => {
      const { type, name } = toWire(resource);
      to.int8(type);
      to.string(name);
      to.structs(own, ({ key, operation, value }) => {
        to.string(key);
        to.int8(operations[operation]);
        to.string(value ?? null);
      });
    });
    to.boolean(false);
    to.tags();
  },
  read(from) {
    from.int32();
    const results = from.structs(() => ({
      error: from.int16(),
      message: from.nullableString(),
      type: from.int8(),
      name: from.string(),
    }));
    from.tags();
    return results;
  },
};
