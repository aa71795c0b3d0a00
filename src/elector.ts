/** The thread of `keep --elect`: apart from the agent, so that nothing of it can hold up or end the guarding of the id. */
import { workerData } from 'node:worker_threads';
import { electOwn } from './commands/elect-own.ts';
import type { ElectorOrder } from './ports-kafka.ts';
import { wire } from './wire.ts';

const order = workerData as ElectorOrder;
const { world } = wire({ logFormat: order.logFormat, program: '', scripts: '' });
void electOwn(order, world);
