/** Moves of replicas: those in flight, new ones, and those called off. */
import type { Reassignment } from '../domain/kafka-view.ts';
import type { Move, PartitionAnswer } from '../ports-kafka.ts';
import { inBatches } from './batches.ts';
import type { Brokers } from './brokers.ts';
import { alterPartitionReassignments } from './protocol/alter-partition-reassignments.ts';
import { errorCodes } from './protocol/errors.ts';
import { listPartitionReassignments } from './protocol/list-partition-reassignments.ts';
import { answersOf, refusal } from './refusal.ts';

/** KRaft takes 10,000 records at once, and a move is one or more. */
const batchSize = 1000;
const controllerMs = 30_000;
/** For the way there and back. */
const timeoutMs = controllerMs + 5000;
const isNotController = ({ error }: { readonly error: number }): boolean => error === errorCodes.notController;

export async function listByRequest(brokers: Brokers): Promise<readonly Reassignment[]> {
  const question = { api: listPartitionReassignments, request: { timeoutMs: controllerMs }, timeoutMs };
  const { error, message, reassignments } = await brokers.askController(question, isNotController);
  if (error === errorCodes.none) return reassignments;
  throw refusal('list reassignments', { code: error, message, needs: 'DESCRIBE on Cluster' });
}

export const reassignByRequest = (brokers: Brokers, moves: readonly Move[]): Promise<PartitionAnswer[]> =>
  inBatches(moves, batchSize, async (batch) => {
    const request = { moves: batch, timeoutMs: controllerMs };
    const question = { api: alterPartitionReassignments, request, timeoutMs };
    const { error, message, results } = await brokers.askController(question, isNotController);
    if (error === errorCodes.none) return answersOf(results);
    throw refusal('reassign partitions', { code: error, message, needs: 'ALTER on Cluster' });
  });
