/** What one broker has on its disks. */
import type { BrokerLogDir } from '../domain/kafka-view.ts';
import type { Brokers } from './brokers.ts';
import { describeLogDirs } from './protocol/describe-log-dirs.ts';
import { errorCodes } from './protocol/errors.ts';
import { refusal } from './refusal.ts';

const timeoutMs = 15_000;

export async function logDirsOf(brokers: Brokers, brokerId: number): Promise<readonly BrokerLogDir[]> {
  const link = await brokers.broker(brokerId);
  const { error, logDirs } = await brokers.askOf(link, { api: describeLogDirs, request: null, timeoutMs });
  // Before it could say so, a broker showed those who may not see them no log dirs; each has one.
  const code = error === errorCodes.none && logDirs.length === 0 ? errorCodes.clusterAuthorizationFailed : error;
  if (code !== errorCodes.none) {
    throw refusal(`read the log dirs of broker ${brokerId}`, { code, needs: 'DESCRIBE on Cluster' });
  }
  return logDirs
    .filter((logDir) => logDir.error === errorCodes.none)
    .map(({ path, totalBytes, usableBytes, replicas }) => ({ path, totalBytes, usableBytes, replicas }));
}
