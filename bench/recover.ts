/** A recovery of a broker of 5,000 partitions: how long its plan takes, and how much is ever on its way at once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agent } from '../test/support/agent.ts';
import { createTopics, seen, setScene, type AdminScene } from '../test/kafka/support/admin-scene.ts';
import { recordFlights } from '../test/kafka/support/recovery-scene.ts';
import { median } from './measure.ts';
import type { Result } from './report.ts';

const topics = 100;
const perTopic = 50;
const atOnce = 200;
const rounds = 3;

export async function benchRecover(say: (what: string) => void, signal: AbortSignal): Promise<Result> {
  say(`starting four brokers, and ${topics * perTopic} partitions of three replicas on three of them`);
  const properties = () => ({ 'log.index.size.max.bytes': 4096, 'num.replica.fetchers': 2 });
  const scene = await setScene({ version: '4.3.1', mode: 'kraft', brokers: 4, properties });
  const directory = mkdtempSync(join(tmpdir(), 'barnabas-bench-recover-'));
  try {
    await fill(scene, say, signal);
    await scene.kafka.kill(3);
    await seen(scene.admin, 'broker 3 to be missed', ({ brokers }) => !brokers.includes(3));
    return await measure(scene, { directory, say, signal });
  } finally {
    rmSync(directory, { recursive: true, force: true });
    await scene.clear();
  }
}

const orders = [
  [3, 1, 2],
  [1, 3, 2],
  [2, 1, 3],
];

async function fill(scene: AdminScene, say: (what: string) => void, signal: AbortSignal): Promise<void> {
  for (let from = 0; from < topics; from += 10) {
    signal.throwIfAborted();
    const some = Array.from({ length: 10 }, (_, index) => [
      `topic-${from + index}`,
      Array.from({ length: perTopic }, (__, partition) => orders[partition % 3] ?? []),
    ]);
    await createTopics(scene, Object.fromEntries(some) as Record<string, number[][]>);
    say(`${(from + 10) * perTopic} partitions`);
  }
}

interface Place {
  readonly directory: string;
  readonly say: (what: string) => void;
  readonly signal: AbortSignal;
}

async function measure(scene: AdminScene, { directory, say, signal }: Place): Promise<Result> {
  const { bootstrap } = scene.kafka;
  const recover = async (...words: string[]): Promise<number> => {
    signal.throwIfAborted();
    const fromMs = performance.now();
    const { status, stderr } = await agent(['recover', ...words, '--bootstrap', bootstrap]);
    if (status !== 0) throw new Error(`recover ${words[0] ?? ''} ended with ${status}:\n${stderr}`);
    return (performance.now() - fromMs) / 1000;
  };
  const file = join(directory, 'plan.json');
  const plans: number[] = [];
  for (let round = 0; round < rounds; round += 1) plans.push(await recover('plan', '--replace', '3=4', '--plan', file));
  say(`planned in ${plans.map((seconds) => seconds.toFixed(2)).join(', ')} s; applying`);
  const flights = recordFlights(scene);
  const journal = join(directory, 'journal');
  const caps = ['--batch-partitions', String(atOnce)];
  const applied = await recover('apply', '--plan', file, '--yes', '--journal', journal, ...caps);
  await flights.stop();
  const twice = [...flights.begun.values()].filter((times) => times > 1).length;
  return {
    title: `recover: 5,000 partitions × 3, broker 3 replaced by 4 (Kafka 4.3.1)`,
    rows: [
      ['plan', `${median(plans).toFixed(2)} s`],
      ['apply', `${applied.toFixed(0)} s`],
    ],
    findings: [
      { what: 'plan: seconds', value: median(plans), limit: 3 },
      { what: `partitions on their way at once, of ${atOnce} allowed`, value: flights.mostAtOnce(), limit: atOnce },
      { what: 'partitions seen to be moved twice', value: twice, limit: 0 },
    ],
  };
}
