/** Every message in every version that is written here. Their bytes are in golden.txt. */
import type { Api } from '../../../src/kafka/protocol/api.ts';
import { clusterMessages } from './cluster-messages.ts';
import type { Messages } from './message.ts';
import { partitionMessages } from './partition-messages.ts';

export const allMessages: readonly Messages[] = [...clusterMessages, ...partitionMessages];

/** Of every message in every version: how Kafka's classes are told of it, and the key of its bytes in golden.txt. */
export interface Wanted {
  readonly key: string;
  readonly message: string;
  readonly version: number;
  readonly json: string;
}

export const versionsOf = ({ versions: [first, last] }: Pick<Api<never, unknown>, 'versions'>): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

export function keyOf(message: string, version: number, index: number): string {
  return `${message} v${version} #${index}`;
}

export const allWanted = (): Wanted[] =>
  allMessages.flatMap(({ name, api, requests, answers }) =>
    versionsOf(api).flatMap((version) =>
      (
        [
          [`${name}Request`, requests],
          [`${name}Response`, answers],
        ] as const
      ).flatMap(([message, all]) =>
        all.map(({ json }, index) => ({
          ...{
            key: keyOf(message, version, index),
            message,
            version,
            json: JSON.stringify(typeof json === 'function' ? json(version) : json),
          },
        })),
      ),
    ),
  );
