/** What there is only in KRaft. */
import type { Quorum } from '../domain/kafka-view.ts';
import { BarnabasError } from '../errors.ts';
import { isKraft, type Brokers } from './brokers.ts';
import { describeQuorum } from './protocol/describe-quorum.ts';
import { errorCodes } from './protocol/errors.ts';
import { unregisterBroker } from './protocol/unregister-broker.ts';
import { refusal } from './refusal.ts';

export async function quorumOf(brokers: Brokers): Promise<Quorum | undefined> {
  if (!isKraft(await brokers.any())) return undefined;
  const { answer } = await brokers.ask({ api: describeQuorum, request: null });
  if (answer.error === errorCodes.none) return answer.quorum;
  throw refusal('describe the quorum', { code: answer.error, message: answer.message, needs: 'DESCRIBE on Cluster' });
}

export async function unregister(brokers: Brokers, brokerId: number): Promise<'done' | 'not-registered'> {
  if (!isKraft(await brokers.any())) {
    const why = 'its brokers are registered with ZooKeeper, which forgets them by itself';
    throw new BarnabasError('kafka-version', `cannot unregister broker ${brokerId} from this cluster: ${why}`);
  }
  const { answer } = await brokers.ask({ api: unregisterBroker, request: brokerId });
  if (answer.error === errorCodes.none) return 'done';
  if (answer.error === errorCodes.brokerIdNotRegistered) return 'not-registered';
  const { error: code, message } = answer;
  throw refusal(`unregister broker ${brokerId}`, { code, message, needs: 'ALTER on Cluster' });
}
