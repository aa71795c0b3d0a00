/** Elections, asked of who decides for the cluster. */
import type { ElectionOrder, PartitionAnswer } from '../ports-kafka.ts';
import type { Brokers } from './brokers.ts';
import { inBatches } from './batches.ts';
import { electLeaders, type ElectLeadersAnswer } from './protocol/elect-leaders.ts';
import { errorCodes } from './protocol/errors.ts';
import { answersOf, refusal } from './refusal.ts';

/** KRaft takes 10,000 records at once, and an election may be one for each partition. */
const batchSize = 5000;
const electionMs = 30_000;
/** For the way there and back. */
const marginMs = 5000;

/** The first version has no type: it would elect preferred leaders. */
const uncleanElections: typeof electLeaders = {
  ...electLeaders,
  name: 'unclean ElectLeaders',
  since: '2.4',
  versions: [1, 2],
};

export async function electByRequest(brokers: Brokers, order: ElectionOrder): Promise<PartitionAnswer[]> {
  const { type } = order;
  const api = type === 'unclean' ? uncleanElections : electLeaders;
  return await inBatches(order.partitions, batchSize, async (partitions) => {
    const request = { type, partitions, timeoutMs: electionMs };
    const question = { api, request, timeoutMs: electionMs + marginMs };
    const { error, results } = await brokers.askController(question, isNotController);
    const denied = results.find((result) => result.error === errorCodes.clusterAuthorizationFailed)?.error;
    const code = error === errorCodes.none ? denied : error;
    if (code !== undefined) throw refusal('elect leaders', { code, needs: 'ALTER on Cluster' });
    return answersOf(results);
  });
}

const isNotController = ({ error, results }: ElectLeadersAnswer): boolean =>
  error === errorCodes.notController || results.some((result) => result.error === errorCodes.notController);
