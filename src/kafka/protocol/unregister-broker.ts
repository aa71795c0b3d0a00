/** Makes the cluster forget a broker (KIP-631). Partitions that list it keep it; none can be moved to it any more. */
import type { Api } from './api.ts';

export interface UnregisterBrokerAnswer {
  readonly error: number;
  readonly message: string | null;
}

/** 0: answered by brokers from Kafka 3.3. KRaft alone has it. */
export const unregisterBroker: Api<number, UnregisterBrokerAnswer> = {
  key: 64,
  name: 'UnregisterBroker',
  since: '3.3',
  versions: [0, 0],
  flexibleFrom: 0,
  write(to, brokerId) {
    to.int32(brokerId);
    to.tags();
  },
  read(from) {
    from.int32();
    const error = from.int16();
    const message = from.nullableString();
    from.tags();
    return { error, message };
  },
};
