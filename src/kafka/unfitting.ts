/** Brokers that are too old for a request, or too new. */
import { BarnabasError } from '../errors.ts';
import type { Api, Negotiated } from './protocol/api.ts';

export function unfitting(
  { name, since, versions }: Pick<Api<never, unknown>, 'name' | 'since' | 'versions'>,
  why: Exclude<Negotiated['kind'], 'version'>,
  address: string,
): BarnabasError {
  const what = `cannot send ${name} to broker ${address}`;
  const message =
    why === 'too-new'
      ? `${what}: it no longer knows versions up to ${versions[1]}; a newer Barnabas is needed`
      : `${what}: it does not know it; brokers do from Kafka ${since} on`;
  return new BarnabasError('kafka-version', message);
}
