/** A real load: numbered messages to every partition with acks=all, consumed and compared at the same time. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Kafka, Producer } from 'kafkajs';
import { waitFor } from './cluster/wait.ts';
import { openLedger, type Ledger } from './ledger.ts';
import type { LoadCounts } from './verdict.ts';

export interface LoadOrder {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly partitions: number;
}

export interface Load {
  counts(): LoadCounts;
  /** The longest time without an acknowledgement so far, in milliseconds; from now on it is counted anew. */
  takeStall(): number;
  /** Stops sending, and waits until all that was acknowledged has been consumed, or for the deadline. */
  settle(deadlineMs: number): Promise<LoadCounts>;
  close(): Promise<void>;
}

const perRound = 3;
const pauseMs = 50;

/** Resolves once messages flow both ways. */
export async function startLoad({ kafka, topic, partitions }: LoadOrder): Promise<Load> {
  let closed = false;
  // With few retries: a consumer goes on asking a dead broker's address until it gives up and begins anew. One that began
  // anew after its end would do so for ever, and keep the process from ending.
  // A group's first assignment is worth waiting for: from then on every message is seen as it comes.
  const consumer = kafka.consumer({
    groupId: 'demo',
    maxWaitTimeInMs: 200,
    sessionTimeout: 10_000,
    heartbeatInterval: 1000,
    retry: { initialRetryTime: 50, maxRetryTime: 300, retries: 2, restartOnFailure: () => Promise.resolve(!closed) },
  });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const ledger = openLedger(performance.now());
  await producer.connect();
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: 3,
    eachMessage({ partition, message }) {
      ledger.consumed(partition, Number(message.value?.toString()));
      return Promise.resolve();
    },
  });
  const stop = new AbortController();
  const sending = keepSending({ producer, topic, partitions, ledger }, stop.signal);
  await waitFor(() => ledger.counts().consumed > 0 || undefined, { for: 'the first message', deadlineMs: 40_000 });
  return {
    counts: () => ledger.counts(),
    takeStall: () => ledger.takeStall(),
    async settle(deadlineMs) {
      stop.abort();
      await sending;
      const until = performance.now() + deadlineMs;
      while (ledger.outstanding() > 0 && performance.now() < until) await delay(50);
      return ledger.counts();
    },
    async close() {
      closed = true;
      stop.abort();
      await Promise.race([Promise.allSettled([producer.disconnect(), consumer.disconnect()]), delay(3000)]);
    },
  };
}

interface Sending {
  readonly producer: Producer;
  readonly topic: string;
  readonly partitions: number;
  readonly ledger: Ledger;
}

/**
 * One batch for each partition at a time, so that nothing overtakes. Acknowledged is what a broker has answered for: when
 * leaders move in the middle of a send, kafkajs 2.2 resolves without having sent the batches of the moved partitions.
 */
async function keepSending({ producer, topic, partitions, ledger }: Sending, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const batches = Array.from({ length: partitions }, (_, partition) => ({
      partition,
      numbers: Array.from({ length: perRound }, () => ledger.next(partition)),
    }));
    const messages = batches.flatMap(({ partition, numbers }) =>
      numbers.map((number) => ({ partition, value: String(number) })),
    );
    try {
      const records = await producer.send({ topic, messages, acks: -1, timeout: 5000 });
      const answered = new Set(records.filter(({ errorCode }) => errorCode === 0).map(({ partition }) => partition));
      const nowMs = performance.now();
      for (const { partition, numbers } of batches) {
        if (answered.has(partition)) ledger.acknowledged(partition, numbers, nowMs);
      }
    } catch {
      // Not acknowledged, so not owed. The next round goes on with new numbers.
    }
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
