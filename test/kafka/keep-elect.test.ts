/** Agents that have their own brokers elected, each when it is in sync again: nobody runs a command. */
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ClusterClient, ClusterView } from '../../demo/cluster/brokers.ts';
import { connectTo } from '../../demo/cluster/brokers.ts';
import { brokerCommand } from '../../demo/cluster/jars.ts';
import { seeCluster, setStage, smallCluster, type Sight, type Stage } from '../../demo/stage.ts';
import { isAlive, startAgent, until, type RunningAgent } from '../support/agent.ts';
import { freePort, startContainer } from '../support/container.ts';

interface Context {
  readonly stage: Stage;
  readonly pods: SidecarPod[];
  readonly sight: Sight;
}

interface SidecarPod {
  readonly ip: string;
  readonly agent: RunningAgent;
  broker: ChildProcess;
  /** The kubelet's part: its container starts again. */
  restart(): void;
}

const test = suite<Context>('keep --elect', {} as Context);
const topic = 'orders';
const deadlineMs = 90_000;

test.before(async (context) => {
  const stage = await setStage({ brokers: 3 });
  const pods: SidecarPod[] = [];
  Object.assign(context, { stage, pods });
  await startThree(context, {});
  const client: ClusterClient = connectTo(() => pods.map(({ ip }) => ip));
  stage.own(() => client.close());
  Object.assign(context, { sight: { client, topic, deadlineMs } });
  await client.createTopic({ topic, numPartitions: 12, replicationFactor: 3 });
  await see(context, 'all in sync', isWhole);
});
test.after(async ({ stage, pods }) => {
  await stopAll(pods);
  await stage.clear();
});

async function startThree({ stage, pods }: Context, environment: Record<string, string>): Promise<void> {
  const started = await Promise.all([1, 2, 3].map((number) => startSidecarPod(stage, number, environment)));
  pods.splice(0, pods.length, ...started);
  await Promise.all(started.map(({ agent }) => agent.logged(/the broker has started/, deadlineMs)));
}

async function startSidecarPod(stage: Stage, number: number, more: Record<string, string>): Promise<SidecarPod> {
  const ip = stage.nextAddress();
  const name = `kafka-${number}-${ip}`;
  const gate = join(stage.directory, name);
  mkdirSync(gate);
  const words = ['keep', '--volume', stage.volume, '--brokers', '3', '--gate', gate, '--elect', '--in-sync-for', '1s'];
  const probes = ['--listen', String(await freePort()), '--zookeeper', stage.zookeeper.connect];
  const identity = { POD_NAME: name, POD_UID: `uid-${name}`, POD_IP: ip };
  const environment = { ...smallCluster, ...identity, KAFKA_LISTENERS: `PLAINTEXT://${ip}:9092`, ...more };
  const agent = startAgent([...words, ...probes], { env: environment });
  const start = (): ChildProcess => {
    const output = openSync(join(stage.directory, `${name}.log`), 'a');
    const config = join(gate, 'server.properties');
    const java = brokerCommand(stage.jars).map((word) => word.replace('{config}', config));
    const child = startContainer(gate, java, output);
    closeSync(output);
    return child;
  };
  const pod = { ip, agent, broker: start(), restart: () => void (pod.broker = start()) };
  return pod;
}

async function killBroker({ broker }: SidecarPod): Promise<void> {
  const pid = Number(broker.pid);
  if (isAlive(pid)) process.kill(-pid, 'SIGKILL');
  await until(() => !isAlive(pid), `process ${pid} to end`);
}

/** Agents first, which then release their ids as the brokers end. */
async function stopAll(pods: readonly SidecarPod[]): Promise<void> {
  for (const { agent } of pods) agent.child.kill('SIGTERM');
  await Promise.all(pods.map(killBroker));
  await Promise.all(pods.map(({ agent }) => agent.finished));
}

const see = ({ sight }: Context, wanted: string, holds: (view: ClusterView) => boolean) =>
  seeCluster(sight, wanted, holds);

const isWhole = ({ brokers, partitions }: ClusterView): boolean =>
  brokers.length === 3 && partitions.length === 12 && partitions.every(({ isr }) => isr.length === 3);
const isLedAsPreferred = ({ partitions }: ClusterView): boolean =>
  partitions.length === 12 && partitions.every(({ leader, replicas }) => leader === replicas[0]);

const elected = /had this broker elected where it should lead brokerId=(\d) before=(\d+) leads=(\d+) shouldLead=(\d+)/;

test('a broker that was killed leads again by itself, once it is in sync', async (context) => {
  const [pod] = context.pods;
  if (!pod) throw new Error('no pod');
  const [, id] = await pod.agent.logged(/claimed broker id .*brokerId=(\d)/);
  await killBroker(pod);
  await see(context, 'others to lead', ({ partitions }) => partitions.every(({ leader }) => leader !== Number(id)));
  pod.restart();
  await see(context, 'all led as preferred, and in sync', (view) => isLedAsPreferred(view) && isWhole(view));
  const sinceStart = (): string => pod.agent.stderr().slice(pod.agent.stderr().lastIndexOf('the broker has started'));
  await until(() => elected.test(sinceStart()), sinceStart, deadlineMs);
  const [, brokerId, , leads, shouldLead] = elected.exec(sinceStart()) ?? [];
  assert.is(brokerId, id);
  assert.is(leads, shouldLead);
  assert.ok(Number(shouldLead) >= 4, sinceStart());
});

test('all at once, beside a controller that rebalances every second: they agree', async (context) => {
  await stopAll(context.pods);
  await startThree(context, {
    KAFKA_LEADER_IMBALANCE_CHECK_INTERVAL_SECONDS: '1',
    KAFKA_LEADER_IMBALANCE_PER_BROKER_PERCENTAGE: '0',
  });
  await see(context, 'all led as preferred, and in sync', (view) => isLedAsPreferred(view) && isWhole(view));
  for (const { agent } of context.pods) {
    await agent.logged(elected, deadlineMs);
    assert.not.match(agent.stderr(), / (WARN|ERROR) /);
  }
  assert.ok(isLedAsPreferred(await see(context, 'the end', () => true)));
});

test.run();
