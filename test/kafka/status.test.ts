/** `status` of real brokers on a real volume, with ZooKeeper: what is joined, and what is said of what goes wrong. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ClusterClient } from '../../demo/cluster/brokers.ts';
import { startPod, type Pod } from '../../demo/cluster/pod.ts';
import { waitFor } from '../../demo/cluster/wait.ts';
import { brokerStarted, seeCluster, type Stage } from '../../demo/stage.ts';
import { openKafkaAdmin } from '../../src/kafka/kafka-admin.ts';
import { agent, type Finished } from '../support/agent.ts';
import { recordLog } from './support/scene.ts';
import { startThreePods } from './support/three-pods.ts';

interface Context {
  stage: Stage;
  client: ClusterClient;
}

const test = suite<Context>('status of real brokers', {} as never);
const topic = 'orders';
const deadlineMs = 60_000;

/** What `--json` prints of one line. */
interface Told {
  readonly brokerId: number;
  readonly size: { readonly bytes: number; readonly from: string } | null;
  readonly lock: string;
  readonly verdict: string;
  readonly next: string | null;
  readonly broker: {
    readonly state: string;
    readonly release: string;
    readonly leads: number;
    readonly preferred: number;
    readonly inSync: number;
    readonly replicas: number;
  };
}

test.before(async (context) => {
  Object.assign(context, await startThreePods(topic));
  await whole(context);
  await fill(context.client);
});
test.after(({ stage }) => stage.clear());

const whole = ({ client }: Context) =>
  seeCluster(
    { client, topic, deadlineMs },
    'every replica to be in sync',
    ({ brokers, partitions }) =>
      brokers.length === 3 && partitions.length === 12 && partitions.every(({ isr }) => isr.length === 3),
  );

/** More than a broker fetches at once, so that a throttle is felt. */
async function fill({ kafka }: ClusterClient): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const value = 'x'.repeat(900_000);
  for (let sent = 0; sent < 4 * 12; sent += 1) {
    await producer.send({ topic, acks: -1, messages: [{ partition: sent % 12, value }] });
  }
  await producer.disconnect();
}

const live = ({ stage }: Context): Pod[] => stage.pods.filter((pod) => !pod.end());

function podOf(context: Context, id: number): Pod {
  const pod = live(context).find((one) => one.brokerId() === id);
  if (!pod) throw new Error(`no live pod of broker ${id}`);
  return pod;
}

const status = (context: Context, ...words: string[]): Promise<Finished> => {
  const [pod] = live(context);
  const { volume, directory } = context.stage;
  const sources = ['--volume', volume, '--bootstrap', `${pod?.ip ?? ''}:9092`];
  return agent(['status', ...sources, ...words], { env: { HOME: directory } });
};

async function told(context: Context): Promise<{ lines: Told[]; faults: string[]; status: Finished['status'] }> {
  const seen = await status(context, '--json');
  const { brokers, faults } = JSON.parse(seen.stdout) as { brokers: Told[]; faults: string[] };
  return { lines: brokers, faults, status: seen.status };
}

interface Wanted {
  readonly verdict: RegExp;
  readonly faults?: RegExp;
}

/** Waits for a verdict: brokers come and go in their own time. */
async function until(context: Context, id: number, { verdict, faults = /^/ }: Wanted) {
  const said = new Set<string>();
  const ask = async () => {
    const seen = await told(context);
    const line = seen.lines.find(({ brokerId }) => brokerId === id);
    said.add(line?.verdict ?? 'nothing');
    return line && verdict.test(line.verdict) && faults.test(seen.faults.join('\n')) ? { ...seen, line } : undefined;
  };
  try {
    return await waitFor(ask, { for: String(verdict), deadlineMs, everyMs: 200 });
  } catch (error) {
    throw new Error(`broker ${id} was said to be: ${[...said].join('; ')}`, { cause: error });
  }
}

test('all is well: volume and Kafka in one line for each id', async (context) => {
  const { lines, faults, status: code } = await told(context);
  assert.equal(faults, []);
  assert.is(code, 0);
  assert.equal(
    lines.map(({ brokerId, lock, verdict, broker }) => [brokerId, lock, verdict, broker.state, broker.release]),
    [0, 1, 2].map((id) => [id, 'held', 'serves', 'registered', '3.9']),
  );
  for (const { broker, size } of lines) {
    assert.equal([broker.leads, broker.preferred, broker.inSync], [broker.preferred, 4, broker.replicas]);
    assert.is(size?.from, 'kafka');
    assert.ok(Number(size?.bytes) > 4 * 12 * 900_000);
  }
  const { stdout } = await status(context);
  process.stdout.write(`\n${stdout}`);
  assert.match(
    stdout,
    /^ID +LOG DIR +HOLDER +NODE +GENERATION +SINCE +LOCK +BROKER +KAFKA +STATE +LEADS +IN SYNC +VERDICT$/m,
  );
  assert.match(stdout, /^0 +kafka-logs-0 \(43 MB\) .* 3\.9 +registered +4\/4 +\d+\/\d+ +serves$/m);
});

test('a broker that was killed: dead by its lock, gone from Kafka, its partitions out of sync', async (context) => {
  await podOf(context, 2).kill();
  // Out of sync they are one by one.
  const faults = /^broker 2: held by a dead pod.*\n12 partitions \(orders-0, …\) have replicas that are not in sync$/;
  const verdict = /^held by a dead pod: dead: its lock is free$/;
  const { lines, line, status: code } = await until(context, 2, { verdict, faults });
  assert.is(code, 1);
  assert.equal([line.lock, line.broker.state, line.broker.inSync], ['free', 'unknown', 0]);
  assert.is(lines[0]?.verdict, 'serves');
});

test('started again it catches up, and leads nothing until an election', async (context) => {
  const replacement = context.stage.startPod();
  await replacement.wrote(brokerStarted, deadlineMs);
  const { line, faults, status: code } = await until(context, 2, { verdict: /^leads/ });
  assert.is(line.verdict, 'leads 0 of the 4 that it should');
  assert.match(line.next ?? '', /barnabas elect/);
  assert.equal([faults, code], [[], 0]);
});

test('its disk is lost: the same id, a new log dir, and nothing in sync', async (context) => {
  const { stage } = context;
  // So slow that nothing comes back meanwhile.
  await throttle(context, 2, '1');
  await podOf(context, 2).kill();
  renameSync(join(stage.volume, 'kafka-logs-2'), join(stage.directory, 'lost'));
  await stage.startPod().wrote(brokerStarted, deadlineMs);
  const { line, status: code } = await until(context, 2, { verdict: /^same id, new disk/ });
  assert.match(line.verdict, /its log dir is new, and \d+ of its 12 replicas are not in sync yet$/);
  assert.is(code, 1);
  await throttle(context, 2, '100000000');
  await until(context, 2, { verdict: /^leads|^serves/ });
});

test('a new id stands where another was', async (context) => {
  const { stage } = context;
  await podOf(context, 2).kill();
  rmSync(join(stage.volume, 'kafka-logs-2'), { recursive: true });
  // As with ids that a broker makes itself, and a volume of its own.
  const volume = join(stage.directory, 'other-volume');
  mkdirSync(volume);
  const place = { jars: stage.jars, directory: stage.directory, zookeeper: stage.zookeeper.connect, volume };
  const other = startPod({ ...place, name: 'other', ip: stage.nextAddress(), brokers: 1, flags: ['--first-id', '3'] });
  stage.own(() => other.kill());
  await other.wrote(brokerStarted, deadlineMs);
  assert.is(other.brokerId(), 3);
  const { line } = await until(context, 3, { verdict: /^new id/ });
  assert.is(line.verdict, 'new id 3 stands where 2 was');
  assert.is(line.next, 'barnabas recover plan --replace 2=3');
});

/** Of what a broker fetches to catch up. */
async function throttle(context: Context, brokerId: number, rate: string): Promise<void> {
  const [pod] = live(context);
  const bootstrap = () => Promise.resolve([{ host: pod?.ip ?? '', port: 9092 }]);
  const admin = openKafkaAdmin({ reach: { bootstrap }, log: recordLog() });
  const set = 'set' as const;
  const answers = await admin.changeConfigs([
    { resource: { broker: brokerId }, key: 'follower.replication.throttled.rate', operation: set, value: rate },
    { resource: { topic }, key: 'follower.replication.throttled.replicas', operation: set, value: '*' },
  ]);
  await admin.close();
  assert.ok(answers.every(({ problem }) => problem === null));
}

test.run();
