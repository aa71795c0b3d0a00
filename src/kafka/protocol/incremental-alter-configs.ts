/** Changes single keys, and single entries of lists (KIP-339). */
import type { ConfigChange } from '../../ports-kafka.ts';
import type { Api } from './api.ts';
import { byConfigResource, readResult, toWire, type ResourceResult } from './configs.ts';

const operations = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

/** 0: Kafka 2.3; 1: 2.4, flexible. What one resource is refused, none of its keys has got. */
export const incrementalAlterConfigs: Api<readonly ConfigChange[], readonly ResourceResult[]> = {
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
    const results = from.structs(() => readResult(from));
    from.tags();
    return results;
  },
};
