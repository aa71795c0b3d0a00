/** What a broker answers of a whole request that it does not carry out, as an error that names what to change. */
import { BarnabasError } from '../errors.ts';
import type { PartitionAnswer } from '../ports-kafka.ts';
import { errorCodes, nameOfError, problemOf } from './protocol/errors.ts';
import type { PartitionResult } from './protocol/results.ts';

export interface Refused {
  readonly code: number;
  readonly message?: string | null;
  /** The ACL that it takes, such as `ALTER on Cluster`. */
  readonly needs: string;
}

/** `action`: what can't be done, such as `elect leaders`. */
export function refusal(action: string, { code, message, needs }: Refused): BarnabasError {
  const said = `${nameOfError(code)}${message ? `: ${message}` : ''}`;
  if (code === errorCodes.clusterAuthorizationFailed || code === errorCodes.topicAuthorizationFailed) {
    const hint = `it takes ${needs}: \`kafka-acls --add --allow-principal User:… --operation …\` gives it`;
    return new BarnabasError('kafka-access', `cannot ${action}: the cluster forbids it (${said}); ${hint}`);
  }
  if (code === errorCodes.unsupportedVersion) {
    return new BarnabasError('kafka-version', `cannot ${action}: the cluster does not do it (${said})`);
  }
  return new BarnabasError('kafka-failed', `cannot ${action}: ${said}`);
}

export const answersOf = (results: readonly PartitionResult[]): PartitionAnswer[] =>
  results.map(({ topic, partition, error, message }) => ({ topic, partition, problem: problemOf(error, message) }));
