/** One request and its answer: as Kafka's own classes take it (as JSON, with the fields of all versions), and as we do. */
import type { Api } from '../../../src/kafka/protocol/api.ts';

/** Kafka's classes refuse what a version has not, unless it is as good as not said. */
export type Json = object | ((version: number) => object);

export interface Messages {
  /** Kafka's name for it, without `Request` and `Response`. */
  readonly name: string;
  readonly api: Api<never, unknown>;
  readonly requests: readonly { readonly json: Json; readonly ours: unknown }[];
  readonly answers: readonly { readonly json: Json; readonly ours: (version: number) => unknown }[];
}

/** Types are checked here, and forgotten for the table. */
export function messages<Request, Answer>(
  api: Api<Request, Answer>,
  parts: {
    readonly requests: readonly { readonly json: Json; readonly ours: Request }[];
    readonly answers: readonly { readonly json: Json; readonly ours: (version: number) => Answer }[];
  },
): Messages {
  return { name: api.name, api, ...parts };
}
