/** What brokers are asked and told: by requests of our own, and those too old for one through ZooKeeper. */
import { setTimeout as delay } from 'node:timers/promises';
import { releaseOf } from '../domain/kafka-release.ts';
import type { KafkaLook, KafkaView } from '../domain/kafka-view.ts';
import { BarnabasError } from '../errors.ts';
import type { KafkaAdmin } from '../ports-kafka.ts';
import type { Log } from '../ports.ts';
import { Brokers, isFault, type KafkaReach } from './brokers.ts';
import { changeConfigsByRequest, readConfigsByRequest } from './configs.ts';
import { electByRequest } from './elect.ts';
import { quorumOf, unregister } from './kraft.ts';
import { logDirsOf } from './log-dirs.ts';
import { lookAtKafka } from './look.ts';
import { Minima } from './minima.ts';
import { oldBrokers } from './old-brokers.ts';
import { listByRequest, reassignByRequest } from './reassignments.ts';

export interface KafkaAdminOptions {
  readonly reach: KafkaReach;
  readonly zookeeper?: string | undefined;
  readonly log: Log;
}

const lookMs = 15_000;

export function openKafkaAdmin({ reach, zookeeper, log }: KafkaAdminOptions): KafkaAdmin {
  const brokers = new Brokers(reach);
  const minima = new Minima();
  const old = oldBrokers({ brokers, zookeeper, log });
  return {
    look: () => look(lookAtKafka(brokers, { minima, assignments: (topics) => old.assignments(topics) })),
    elect: async (order) => (await old.elect(order)) ?? electByRequest(brokers, order),
    listReassignments: async () => (await old.listReassignments()) ?? listByRequest(brokers),
    reassign: async (moves) => (await old.reassign(moves)) ?? reassignByRequest(brokers, moves),
    describeLogDirs: (brokerId) => logDirsOf(brokers, brokerId),
    describeRelease: async (brokerId) => releaseOf((await brokers.broker(brokerId)).newest()),
    readConfigs: async (resources, keys) =>
      (await old.readConfigs(resources, keys)) ?? readConfigsByRequest(brokers, resources, keys),
    async changeConfigs(changes) {
      try {
        return (await old.changeConfigs(changes)) ?? (await changeConfigsByRequest(brokers, changes));
      } finally {
        minima.forget();
      }
    },
    describeQuorum: () => quorumOf(brokers),
    unregister: (brokerId) => unregister(brokers, brokerId),
    async close() {
      brokers.close();
      await old.close();
    },
  };
}

async function look(answer: Promise<KafkaView>): Promise<KafkaLook> {
  const late = new AbortController();
  try {
    return { kind: 'seen', view: await Promise.race([answer, silence(late.signal)]) };
  } catch (error) {
    answer.catch(() => undefined);
    if (!isFault(error)) throw error;
    return { kind: 'unseen', why: (error as Error).message };
  } finally {
    late.abort();
  }
}

async function silence(signal: AbortSignal): Promise<never> {
  await delay(lookMs, undefined, { signal });
  throw new BarnabasError('kafka-failed', `Kafka did not answer within ${lookMs / 1000} s`);
}
