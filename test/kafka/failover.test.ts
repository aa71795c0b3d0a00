/** Real brokers on one volume: what becomes of their ids and registrations when they stop, crash, or lose their wrapper. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ledBy, type ClusterClient } from '../../demo/cluster/brokers.ts';
import type { Pod } from '../../demo/cluster/pod.ts';
import { failOver } from '../../demo/failover.ts';
import { brokerStarted, seeCluster, type Sight, type Stage } from '../../demo/stage.ts';
import { agent } from '../support/agent.ts';
import { startThreePods } from './support/three-pods.ts';

const test = suite<{ stage: Stage; client: ClusterClient; sight: Sight }>('real brokers', {} as never);

const topic = 'orders';
const deadlineMs = 60_000;
const dirs = ['kafka-logs-0', 'kafka-logs-1', 'kafka-logs-2'];

test.before(async (context) => {
  const { stage, client } = await startThreePods(topic);
  Object.assign(context, { stage, client, sight: { client, topic, deadlineMs } });
  await whole(context);
});
test.after(({ stage }) => stage.clear());

type Context = { readonly stage: Stage; readonly sight: Sight };

const whole = ({ sight }: Pick<Context, 'sight'>) =>
  seeCluster(
    sight,
    'three brokers and every replica in sync',
    ({ brokers, partitions }) =>
      brokers.length === 3 && partitions.length === 12 && partitions.every(({ isr }) => isr.length === 3),
  );

const live = (stage: Stage): Pod[] => stage.pods.filter((pod) => !pod.end());

function podOf(stage: Stage, brokerId: number): Pod {
  const pod = live(stage).find((one) => one.brokerId() === brokerId);
  if (!pod) throw new Error(`no live pod of broker ${brokerId}`);
  return pod;
}

const count = (pod: Pod, pattern: RegExp): number => pod.output().match(new RegExp(pattern, 'g'))?.length ?? 0;

function startedOnce(pod: Pod): void {
  assert.is(count(pod, /started the broker/), 1);
  assert.is(count(pod, /\[KafkaServer id=\d+\] started/), 1);
  assert.is(count(pod, /NodeExists/), 0, pod.output());
  assert.is(pod.end(), undefined);
}

test('they have three different ids, and the cluster knows just those', async (context) => {
  const { brokers } = await whole(context);
  assert.equal(brokers, [0, 1, 2]);
  assert.equal(context.stage.logDirs(), dirs);
});

for (const role of ['the controller', 'a broker that is not the controller'] as const) {
  test(`after kill -9 of ${role} its replacement has its id, starts once, and all is led and in sync`, async (context) => {
    const { stage, sight } = context;
    const { controller } = await whole(context);
    const victim = podOf(stage, role === 'the controller' ? controller : (controller + 1) % 3);
    const told: string[] = [];
    const replace = () => stage.startPod();
    const seen = await failOver({ victim, sight, brokers: 3, replace, tell: (what) => told.push(what) });
    assert.is(seen.replacementId, seen.killedId);
    assert.ok(seen.leadersMovedMs !== null && seen.isrFullMs !== null, told.join('\n'));
    startedOnce(seen.replacement);
    assert.match(seen.replacement.output(), /claimed broker id .*evidence=lock-local/);
    assert.match(seen.replacement.output(), /removed the registration of the dead broker/);
    assert.equal(stage.logDirs(), dirs);
    await whole(context);
  });
}

test('with fast failover off it waits until the registration has ended, says so, and starts once', async (context) => {
  const { stage, sight } = context;
  const { controller } = await whole(context);
  const victim = podOf(stage, controller);
  const replace = () => stage.startPod(['--no-fast-failover']);
  const seen = await failOver({ victim, sight, brokers: 3, replace, tell: () => undefined });
  assert.is(seen.replacementId, seen.killedId);
  startedOnce(seen.replacement);
  const output = seen.replacement.output();
  assert.match(output, /waiting until the registration ends .*why="fast failover is off"/);
  assert.match(output, /the registration has ended/);
  assert.ok(output.indexOf('the registration has ended') < output.indexOf('started the broker'));
  // The tests after this one are of brokers with fast failover on.
  await seen.replacement.stop();
  const ordinary = stage.startPod();
  await ordinary.wrote(brokerStarted, deadlineMs);
  assert.is(ordinary.brokerId(), seen.killedId);
  await whole(context);
});

test('a replacement that starts during a controlled shutdown gets that id, not a new one', async (context) => {
  const { stage } = context;
  await whole(context);
  const old = podOf(stage, 1);
  const stopping = old.stop();
  await old.wrote(/forwarding a signal to the broker/, deadlineMs);
  const replacement = stage.startPod();
  assert.equal(await stopping, { status: 143 });
  await replacement.wrote(brokerStarted, deadlineMs);
  assert.is(replacement.brokerId(), 1);
  assert.match(replacement.output(), /evidence=released/);
  startedOnce(replacement);
  assert.equal(stage.logDirs(), dirs);
  await whole(context);
});

test('when the broker alone dies, its wrapper removes the registration before any successor exists', async (context) => {
  const { stage, sight } = context;
  const { controller } = await whole(context);
  const id = (controller + 1) % 3;
  const pod = podOf(stage, id);
  process.kill(Number(pod.brokerPid()), 'SIGKILL');
  assert.equal(await pod.ended, { status: 137 });
  assert.match(pod.output(), /removed the registration of the dead broker(.|\n)*released broker id/);
  await seeCluster(sight, 'leaders to move', (view) => !view.brokers.includes(id) && ledBy(view, id) === 0);
  const replacement = stage.startPod();
  await replacement.wrote(brokerStarted, deadlineMs);
  assert.is(replacement.brokerId(), id);
  startedOnce(replacement);
  await whole(context);
});

test('SIGKILL of the wrapper alone: the broker serves on, and nobody gets its id', async (context) => {
  const { stage } = context;
  await whole(context);
  const pod = podOf(stage, 2);
  await pod.killAgent();
  const claim = ['claim', '--volume', stage.volume, '--brokers', '3', '--wait', '1s'];
  const { status, stderr } = await agent([...claim, '--config-out', `${stage.directory}/x`]);
  assert.is(status, 4, stderr);
  assert.match(stderr, /ids? (0, 1, )?2 held by pod/);
  assert.equal((await whole(context)).brokers, [0, 1, 2]);
  await pod.kill();
  const replacement = stage.startPod();
  await replacement.wrote(brokerStarted, deadlineMs);
  assert.is(replacement.brokerId(), 2);
  assert.match(replacement.output(), /evidence=lock-local/);
  startedOnce(replacement);
});

test.run();
