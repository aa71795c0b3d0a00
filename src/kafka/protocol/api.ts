/** One request of Kafka's protocol, and its answer. Field by field: the message definitions in Kafka's own sources. */
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export interface Api<Request, Answer> {
  readonly key: number;
  readonly name: string;
  /** The first Kafka whose brokers answer it. */
  readonly since: string;
  /** The versions written here, first and last. */
  readonly versions: readonly [number, number];
  /** KIP-482. */
  readonly flexibleFrom: number;
  write(to: Writer, request: Request, version: number): void;
  read(from: Reader, version: number): Answer;
}

/** What a broker says it answers, of one API (KIP-35). */
export interface VersionRange {
  readonly minVersion: number;
  readonly maxVersion: number;
}

export type Negotiated =
  | { readonly kind: 'version'; readonly version: number }
  /** `too-new`: the broker has given up all that is written here. */
  | { readonly kind: 'unknown' | 'too-old' | 'too-new' };

/** The highest version that both know. */
export function negotiate(
  { versions: [first, last] }: Pick<Api<never, unknown>, 'versions'>,
  offered: VersionRange | undefined,
): Negotiated {
  if (offered === undefined) return { kind: 'unknown' };
  const version = Math.min(last, offered.maxVersion);
  if (version < first) return { kind: 'too-old' };
  return version < offered.minVersion ? { kind: 'too-new' } : { kind: 'version', version };
}

export const formOf = (api: Pick<Api<never, unknown>, 'flexibleFrom'>, version: number): 'flexible' | 'plain' =>
  version >= api.flexibleFrom ? 'flexible' : 'plain';
