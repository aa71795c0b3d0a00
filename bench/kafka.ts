/** Commands beside Kafka's own tools of the same purpose, on one cluster of 10,000 partitions. */
import { resolve } from 'node:path';
import { toolCommand } from '../demo/cluster/jars.ts';
import { waitFor } from '../demo/cluster/wait.ts';
import { connectTo } from '../demo/cluster/brokers.ts';
import { parseAddresses } from '../src/domain/broker-address.ts';
import type { KafkaView, PartitionView } from '../src/domain/kafka-view.ts';
import { openKafkaAdmin } from '../src/kafka/kafka-admin.ts';
import type { KafkaAdmin } from '../src/ports-kafka.ts';
import { startKafka, type RunningKafka } from '../test/kafka/support/kafka.ts';
import { median, runOnce, type Run } from './measure.ts';
import type { Measured, Result } from './report.ts';

const agent = resolve(import.meta.dirname, '../dist/barnabas.js');
const version = '4.3.1';
const [topics, partitionsEach] = [100, 100];
const rounds = 3;
const setUpMs = 600_000;

/** One of ours, and the tool of Kafka's that does the same. */
interface Contest {
  readonly ours: readonly string[];
  /** Its main class, and its words but for the bootstrap servers. */
  readonly theirs: readonly string[];
  /** Before each run of either. */
  readonly prepare?: (stage: Stage) => Promise<void>;
}

const contests: readonly Contest[] = [
  {
    ours: ['elect', '--json'],
    theirs: [
      ...['org.apache.kafka.tools.LeaderElectionCommand', '--election-type', 'preferred'],
      '--all-topic-partitions',
    ],
    prepare: loseThePreferred,
  },
  { ours: ['status', '--output', 'json'], theirs: ['org.apache.kafka.tools.TopicCommand', '--describe'] },
];

interface Stage {
  readonly kafka: RunningKafka;
  readonly admin: KafkaAdmin;
  readonly signal: AbortSignal;
}

export async function benchKafka(say: (what: string) => void, signal: AbortSignal): Promise<Result> {
  const kafka = await startKafka({
    ...{ version, mode: 'kraft', brokers: 3, heapMiB: 1024 },
    properties: () => ({ 'log.index.size.max.bytes': 4096, 'num.replica.fetchers': 2 }),
  });
  const reach = { bootstrap: () => Promise.resolve(parseAddresses(kafka.bootstrap)) };
  const admin = openKafkaAdmin({ reach, log: { info: () => undefined, warn: say, error: say } });
  try {
    const stage = { kafka, admin, signal };
    say(`making ${topics * partitionsEach} partitions`);
    await makeTopics(stage);
    const played: Played[] = [];
    for (const contest of contests) played.push(await play(contest, stage, say));
    return summarise(played);
  } finally {
    await admin.close();
    await kafka.clear();
  }
}

interface Played {
  readonly name: string;
  readonly tool: string;
  readonly ours: readonly Run[];
  readonly theirs: readonly Run[];
}

/** In turn, after one round that does not count. */
async function play(contest: Contest, stage: Stage, say: (what: string) => void): Promise<Played> {
  const { bootstrap, jars } = stage.kafka;
  const [name = '', ...words] = contest.ours;
  const [main = '', ...options] = contest.theirs;
  const ours = [process.execPath, agent, name, ...words, '--bootstrap', bootstrap];
  const theirs = [...toolCommand(jars, main), '--bootstrap-server', bootstrap, ...options];
  const runs: { ours: Run; theirs: Run }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    stage.signal.throwIfAborted();
    const run = async (title: string, command: readonly string[]): Promise<Run> => {
      await contest.prepare?.(stage);
      const seen = await runOnce({ name: title, words: command });
      say(`round ${round}: ${title}: ${(seen.ms / 1000).toFixed(1)} s, ${seen.peakMiB.toFixed(0)} MiB`);
      return seen;
    };
    const seen = { ours: await run(`barnabas ${name}`, ours), theirs: await run(main, theirs) };
    if (round > 0) runs.push(seen);
  }
  return {
    name,
    tool: main.replace(/.*\./, ''),
    ours: runs.map((one) => one.ours),
    theirs: runs.map((one) => one.theirs),
  };
}

function summarise(played: readonly Played[]): Result {
  const show = (runs: readonly Run[]): string =>
    `${(median(runs.map(({ ms }) => ms)) / 1000).toFixed(2)} s, ${Math.max(...runs.map(({ peakMiB }) => peakMiB)).toFixed(0)} MiB`;
  return {
    title: `Kafka ${version}, ${topics * partitionsEach} partitions × 2 on 3 brokers (${rounds} rounds: median, most memory)`,
    rows: played.flatMap(({ name, tool, ours, theirs }) => [
      [`barnabas ${name}`, show(ours)],
      [tool, show(theirs)],
    ]),
    findings: played.flatMap(({ name, tool, ours, theirs }): Measured[] => [
      {
        what: `${name}, to ${tool}`,
        value: median(ours.map(({ ms }, round) => ms / (theirs[round]?.ms ?? NaN))),
        limit: 0.5,
      },
      { what: `${name}: MiB`, value: Math.max(...ours.map(({ peakMiB }) => peakMiB)), limit: 200 },
    ]),
  };
}

async function makeTopics({ kafka, admin, signal }: Stage): Promise<void> {
  const client = connectTo(() => [...kafka.hosts.values()]);
  try {
    for (let number = 0; number < topics; number += 1) {
      signal.throwIfAborted();
      await client.createTopic({ topic: `topic-${number}`, numPartitions: partitionsEach, replicationFactor: 2 });
    }
  } finally {
    await client.close();
  }
  await see({ admin, signal }, 'every partition in sync', ({ partitions }) => {
    return partitions.length >= topics * partitionsEach && partitions.every(({ isr }) => isr.length === 2);
  });
}

/** As after broker 1's return: what it should lead, a third, is led by others. The order of replicas alone changes. */
async function loseThePreferred({ admin, signal }: Stage): Promise<void> {
  const { partitions } = await see({ admin, signal }, 'a look', () => true);
  const turned = partitions.filter(isOfOne);
  const moves = turned.map((one) => ({ ...one, replicas: [1, ...one.replicas.filter((id) => id !== 1)] }));
  await elsewhere({ admin, signal }, turned);
  await admin.reassign(moves);
  await see({ admin, signal }, 'broker 1 to lead nothing that it should', (view) =>
    view.partitions.every((one) => !isOfOne(one) || (one.replicas[0] === 1 && one.leader !== 1)),
  );
}

const isOfOne = ({ replicas, partition }: PartitionView): boolean => replicas.includes(1) && partition % 2 === 0;

/** Led by the other replica, which is the preferred one for the moment. */
async function elsewhere(stage: Pick<Stage, 'admin' | 'signal'>, partitions: readonly PartitionView[]): Promise<void> {
  const moves = partitions.map((one) => ({ ...one, replicas: [...one.replicas.filter((id) => id !== 1), 1] }));
  await stage.admin.reassign(moves);
  await stage.admin.elect({ type: 'preferred', partitions });
  await see(stage, 'broker 1 to lead none of them', (view) =>
    view.partitions.every((one) => !isOfOne(one) || one.leader !== 1),
  );
}

const see = (
  { admin, signal }: Pick<Stage, 'admin' | 'signal'>,
  wanted: string,
  holds: (view: KafkaView) => boolean,
): Promise<KafkaView> =>
  waitFor(
    async () => {
      const look = await admin.look();
      return look.kind === 'seen' && holds(look.view) ? look.view : undefined;
    },
    { for: wanted, deadlineMs: setUpMs, signal, everyMs: 500 },
  );
