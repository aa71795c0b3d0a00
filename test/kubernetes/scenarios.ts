/** What is done to a running cluster of pets, the same in every mode, and what must come of it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { uvu } from 'uvu';
import * as assert from 'uvu/assert';
import { waitFor } from '../../demo/cluster/wait.ts';
import { formatTable } from '../../src/process/table.ts';
import { patienceMs, setField, type Field } from './field.ts';
import { heal, healed, type Healing } from './healing.ts';
import { brokerBelow, liveBrokers, processOf, sandboxOf, type BrokerPod } from './pods.ts';

export interface ModeFacts {
  readonly overlay: string;
  /** The container whose first process is the agent, if it lives on beside or around the broker. */
  readonly agentContainer: string | undefined;
  /** Whether the end of the agent's process is the end of the broker's container. */
  readonly agentIsBroker: boolean;
}

export interface Context {
  field: Field;
  readonly figures: string[][];
}

const outageMs = 120_000;

type Test = uvu.Test<Context>;

const logDirs = ['kafka-logs-0', 'kafka-logs-1', 'kafka-logs-2'];

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const restartsOf = (pods: readonly BrokerPod[]): number => pods.reduce((sum, { restarts }) => sum + restarts, 0);

/** Same ids, same directories, one live broker each. */
async function asBefore({ field }: Context): Promise<void> {
  await field.whole();
  assert.equal((await field.logDirs()).sort(), logDirs);
  assert.equal(field.doubles(), []);
}

/**
 * A broker that is not the controller: what a controller's end costs in addition is measured elsewhere. The one with the
 * fewest restarts, since the kubelet holds back what has crashed before.
 */
async function victimOf({ field }: Context): Promise<BrokerPod> {
  const pods = await field.settled();
  const { controller } = await field.whole();
  const [victim] = pods.filter(({ brokerId }) => brokerId !== controller).sort((a, b) => a.restarts - b.restarts);
  if (!victim) throw new Error('no pod but the controller');
  return victim;
}

export function addScenarios(test: Test, mode: ModeFacts): void {
  test.before(async (context) => {
    Object.assign(context, { figures: [] });
    context.field = await setField({ overlay: mode.overlay });
  });
  test.after(async ({ field, figures }) => {
    say(`\n${formatTable([mode.overlay, 'leaders', 'all in sync', 'restarts', 'in 2017'], figures)}\n`);
    await field.clear();
  });

  test('three pods at once on an empty volume have three ids, and nothing was started in vain', async (context) => {
    await asBefore(context);
    const pods = await context.field.pods();
    assert.equal(pods.map(({ brokerId }) => brokerId).sort(), [0, 1, 2]);
    assert.is(restartsOf(pods), 0);
    context.figures.push(['three pods at once', '', '', '0', '3 crashes, 24 s']);
  });

  test('kubectl delete pod: its replacement has its id, and nothing is under-replicated', async (context) => {
    const victim = await victimOf(context);
    const id = victim.brokerId ?? -1;
    const { cluster } = context.field;
    const healing = await heal(context.field, id, () =>
      cluster.kubectl(['delete', 'pod', '-n', 'kafka', victim.name, '--wait=false']),
    );
    await asBefore(context);
    const pods = await context.field.settled();
    assert.is(restartsOf(pods), 0);
    assert.not.equal(pods.find(({ brokerId }) => brokerId === id)?.uid, victim.uid);
    const in2017 = 'id 4, 600 under-replicated for good';
    note(context, { what: 'kubectl delete pod', ...healing, restarts: 0, in2017 });
  });

  for (const [what, expected] of blows(mode)) {
    test(`${what}: the same pod has the same id, and restarts no more than that`, async (context) => {
      const victim = await victimOf(context);
      const id = victim.brokerId ?? -1;
      const before = restartsOf(await context.field.pods());
      const healing = await heal(context.field, id, () => strike(context.field, victim, what));
      await asBefore(context);
      const pods = await context.field.settled();
      const restarts = restartsOf(pods) - before;
      assert.ok(restarts <= expected, `${restarts} restarts`);
      assert.is(pods.find(({ brokerId }) => brokerId === id)?.uid, victim.uid);
      const in2017 = what === 'kill -9 of the broker' ? '2 crashes, another id' : '';
      note(context, { what, ...healing, restarts, in2017 });
    });
  }

  if (mode.agentContainer !== undefined && !mode.agentIsBroker) {
    test('kill -9 of the agent alone: the broker serves on, and the next agent takes its claim up', async (context) => {
      const { field } = context;
      const victim = await victimOf(context);
      const broker = await processOf(field.cluster, victim, 'kafka');
      process.kill(await processOf(field.cluster, victim, mode.agentContainer ?? ''), 'SIGKILL');
      const logs = ['logs', '-n', 'kafka', victim.name, '-c', mode.agentContainer ?? ''];
      await waitFor(
        async () => /took up the claim/.test(await field.cluster.kubectl(logs).catch(() => '')) || undefined,
        {
          for: 'the next agent',
          deadlineMs: patienceMs,
        },
      );
      await context.field.settled();
      assert.is(await processOf(field.cluster, await field.podOf(victim.brokerId ?? -1), 'kafka'), broker);
      await asBefore(context);
    });
  }

  test(`the API server away for ${outageMs / 1000} s, and meanwhile kill -9 of the broker: the same id`, async (context) => {
    const { field } = context;
    const victim = await victimOf(context);
    const id = victim.brokerId ?? -1;
    const backMs = performance.now() + outageMs;
    await field.leadBack(id);
    await field.cluster.stopApi();
    try {
      const healing = await healed(field, id, () => strike(field, victim, 'kill -9 of the broker'));
      note(context, { what: 'kill -9 while the API is away', ...healing, restarts: 1 });
      await delay(Math.max(0, backMs - performance.now()));
      assert.is(liveBrokers().get(id)?.length, 1, 'the broker runs on without the API');
    } finally {
      await field.cluster.startApi();
    }
    await asBefore(context);
    assert.is((await field.settled()).find(({ brokerId }) => brokerId === id)?.uid, victim.uid);
  });

  test('kubectl delete --force: the replacement has the id once the old broker is dead', async (context) => {
    const victim = await victimOf(context);
    const id = victim.brokerId ?? -1;
    const words = ['delete', 'pod', '-n', 'kafka', victim.name, '--force', '--grace-period=0', '--wait=false'];
    const before = restartsOf((await context.field.pods()).filter(({ uid }) => uid !== victim.uid));
    const healing = await heal(context.field, id, () => context.field.cluster.kubectl(words));
    await asBefore(context);
    const pods = await context.field.settled();
    assert.is(restartsOf(pods) - before, 0);
    note(context, { what: 'kubectl delete --force', ...healing, restarts: 0 });
  });

  test('scaled 3 to 2 to 3: the highest id goes, and comes back', async (context) => {
    const { field } = context;
    await asBefore(context);
    const scale = (replicas: number) =>
      field.cluster.kubectl(['scale', 'replicaset', '-n', 'kafka', 'kafka', `--replicas=${replicas}`]);
    await scale(2);
    await field.see('brokers 0 and 1 alone', (view) => view.brokers.join() === '0,1');
    await scale(3);
    await asBefore(context);
  });

  test('no message was lost or reordered in any of it, and no id had two live brokers', async (context) => {
    const counts = await context.field.load().settle(patienceMs);
    say(`messages: ${JSON.stringify(counts)}`);
    assert.ok(counts.acknowledged > 1000, 'too few messages to say anything');
    assert.is(counts.lost, 0);
    assert.is(counts.outOfOrder, 0);
    assert.equal(context.field.doubles(), []);
  });
}

/** What is struck, and how many restarts of containers that is by itself. */
function blows({ agentContainer, agentIsBroker }: ModeFacts): readonly (readonly [Blow, number])[] {
  const broker: readonly [Blow, number] = ['kill -9 of the broker', 1];
  const sandbox: readonly [Blow, number] = ['kill -9 of the sandbox', agentIsBroker ? 1 : 2];
  if (agentContainer === undefined) return [broker, sandbox];
  return [broker, ['kill -9 of broker and agent', agentIsBroker ? 1 : 2], sandbox];
}

type Blow = 'kill -9 of the broker' | 'kill -9 of broker and agent' | 'kill -9 of the sandbox';

async function strike({ cluster }: Field, pod: BrokerPod, what: Blow): Promise<void> {
  const main = await processOf(cluster, pod, 'kafka');
  const agent = pod.containers.has('barnabas') ? await processOf(cluster, pod, 'barnabas') : main;
  // In wrapper mode the first process of the container is the agent, and the broker its only child.
  const broker = brokerBelow(main);
  switch (what) {
    case 'kill -9 of the broker':
      return void process.kill(broker, 'SIGKILL');
    case 'kill -9 of broker and agent':
      process.kill(agent, 'SIGKILL');
      if (broker !== agent) process.kill(broker, 'SIGKILL');
      return;
    case 'kill -9 of the sandbox':
      return void process.kill(sandboxOf(main), 'SIGKILL');
  }
}

interface Figure extends Healing {
  readonly what: string;
  readonly restarts: number;
  /** What the approach of 2017 did, where it was measured. */
  readonly in2017?: string;
}

function note({ figures }: Context, { what, leadersMs, healedMs, restarts, in2017 = '' }: Figure): void {
  figures.push([what, seconds(leadersMs), seconds(healedMs), String(restarts), in2017]);
  say(`${what}: leaders after ${seconds(leadersMs)}, all in sync after ${seconds(healedMs)}`);
}
