/** What a person with a kubeconfig does to a running cluster of pets, by the shipped program. */
import { setTimeout as delay } from 'node:timers/promises';
import type { V1ReplicaSet } from '@kubernetes/client-node';
import type { Kafka } from 'kafkajs';
import type { uvu } from 'uvu';
import * as assert from 'uvu/assert';
import { agent } from '../support/agent.ts';
import { waitFor } from '../../demo/cluster/wait.ts';
import { patienceMs, topic, type Field } from './field.ts';
import { processOf } from './pods.ts';

export interface PluginContext {
  field: Field;
}

type Finished = Awaited<ReturnType<typeof agent>>;

const plugin = ({ field }: PluginContext, words: readonly string[]): Promise<Finished> =>
  agent([...words, '-n', 'kafka', '--kubeconfig', field.cluster.kubeconfig]);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

export function addPluginScenarios(test: uvu.Test<PluginContext>): void {
  test('status is healthy, and names the three ids', async (context) => {
    await context.field.whole();
    const { status, stdout, stderr } = await plugin(context, ['status', '--json']);
    assert.is(status, 0, stderr + stdout);
    const { pods, brokers } = JSON.parse(stdout) as {
      pods: { brokerId: number; verdict: string; evidence: string }[];
      brokers: { brokerId: number; broker: { state: string; release: string; inSync: number; replicas: number } }[];
    };
    // Through the API server.
    assert.equal(
      brokers.map(({ brokerId, broker }) => [brokerId, broker.state, broker.release, broker.inSync - broker.replicas]),
      [0, 1, 2].map((id) => [id, 'registered', '3.9', 0]),
    );
    assert.equal(
      pods.map(({ brokerId, verdict, evidence }) => [brokerId, verdict, evidence]),
      [0, 1, 2].map((id) => [id, 'serves', 'new']),
    );
    say((await plugin(context, ['status'])).stdout);
  });

  test('tree draws each id with its Service and its log dir', async (context) => {
    const { status, stdout, stderr } = await plugin(context, ['tree']);
    assert.is(status, 0, stderr);
    say(stdout);
    assert.match(stdout, /^ReplicaSet kafka: 3 of 3 serve$/m);
    for (const id of [0, 1, 2]) {
      assert.match(stdout, new RegExp(`Service kafka-${id}$`, 'm'));
      assert.match(stdout, new RegExp(`pvc kafka-data, kafka-logs-${id} \\(\\S+ .?B\\)$`, 'm'));
    }
  });

  test('why tells of a claim that waited for a terminating broker', async (context) => {
    const { field } = context;
    const victim = await field.podOf(1);
    await field.cluster.kubectl(['delete', 'pod', '-n', 'kafka', victim.name, '--wait=false']);
    await field.settled();
    await field.whole();
    const { status, stdout, stderr } = await plugin(context, ['why', '1']);
    assert.is(status, 0, stderr);
    say(stdout);
    const { name } = await field.podOf(1);
    // It leads again what it is preferred for only after an election.
    assert.match(stdout, new RegExp(`^pod ${name} on node1, \\S+ old: (serves|leads .*)$`, 'm'));
    assert.match(stdout, /^in Kafka: broker at \S+, Kafka 3\.9, registered/m);
    assert.match(stdout, /^claimed broker id 1, generation 2, with its data \(\S+\)/m);
    assert.match(stdout, new RegExp(`WaitingForTerminatingBroker +Broker id 1 is held by pod "${victim.name}"`));
    assert.match(stdout, /BrokerIdReused/);
  });

  test('the last words of an agent that was killed are how it came to its id', async (context) => {
    const { field } = context;
    process.kill(await processOf(field.cluster, await field.podOf(0), 'barnabas'), 'SIGKILL');
    const words = /^ {4}before that: ended \S+ ago with status 137: claimed broker id 0, generation 1, new/m;
    const told = await waitFor(
      async () => {
        const { stdout } = await plugin(context, ['why', '0']);
        return words.test(stdout) ? stdout : undefined;
      },
      { for: 'the last words', deadlineMs: patienceMs, everyMs: 1000 },
    );
    assert.match(told, /barnabas: running for \S+ \(1 restart\)/);
    await field.settled();
    await field.whole();
  });

  test('roll: nothing to do while the template is as it was', async (context) => {
    const { status, stdout, stderr } = await plugin(context, ['roll']);
    assert.is(status, 0, stderr);
    assert.is(stdout, 'every pod of ReplicaSet kafka is of its current template\n');
  });

  test('roll to another template: no id moves, and a producer notices nothing', async (context) => {
    const { field } = context;
    const before = await field.settled();
    await field.cluster.kubectl(['patch', 'replicaset', '-n', 'kafka', 'kafka', '--type=strategic', '-p', changed]);
    const plan = await plugin(context, ['roll', '--dry-run']);
    say(plan.stdout);
    assert.match(plan.stdout, /^1 .*spec\.containers\[kafka\]\.env\[KAFKA_HEAP_OPTS\]\.value/m);
    assert.match(plan.stdout, /^3 .*controller, leads/m);
    assert.equal((await field.pods()).map(({ uid }) => uid).sort(), before.map(({ uid }) => uid).sort());

    const writer = startWriter(field.client.kafka);
    const watcher = watchIsr(field);
    const fromMs = performance.now();
    const rolled = await plugin(context, ['roll']).catch((error: unknown) => error as Error);
    const tookS = Math.round((performance.now() - fromMs) / 1000);
    const [written, under] = await Promise.all([writer.stop(), watcher.stop()]);
    if (rolled instanceof Error) throw rolled;
    say(`${rolled.stderr}${rolled.stdout}rolled in ${tookS} s; ${JSON.stringify({ ...written, ...under })}`);
    assert.is(rolled.status, 0, rolled.stderr);

    assert.equal(written.errors, []);
    assert.ok(written.acknowledged > 100, 'too few messages to say anything');
    assert.ok(written.longestMs < 15_000, `a message took ${written.longestMs} ms`);
    assert.ok(under.looks > 50);
    assert.is(under.under, 0, 'a partition was below min.insync.replicas');

    const after = await field.settled();
    const idsOf = (pods: typeof after): number[] => pods.map(({ brokerId }) => brokerId ?? -1).sort();
    assert.equal(idsOf(after), [0, 1, 2]);
    assert.is(after.filter(({ uid }) => before.some((pod) => pod.uid === uid)).length, 0);
    assert.equal((await field.logDirs()).sort(), ['kafka-logs-0', 'kafka-logs-1', 'kafka-logs-2']);
    assert.equal(field.doubles(), []);
    for (const { name } of after) {
      const value = '-o=jsonpath={.spec.containers[?(@.name=="kafka")].env[?(@.name=="KAFKA_HEAP_OPTS")].value}';
      assert.is(await field.cluster.kubectl(['get', 'pod', '-n', 'kafka', name, value]), heap);
    }
    const again = await plugin(context, ['roll']);
    assert.is(again.stdout, 'every pod of ReplicaSet kafka is of its current template\n');
  });

  test('a variable that was removed from the template is a difference too', async (context) => {
    const { field } = context;
    await applyWithout('KAFKA_HEAP_OPTS', field);
    const { stdout } = await plugin(context, ['roll', '--dry-run']);
    assert.match(stdout, /^1 .*spec\.containers\[kafka\]\.env/m);
  });
}

/** As a person does who takes a variable of the broker's out of the manifest. */
async function applyWithout(variable: string, { cluster }: Field): Promise<void> {
  const set = await cluster.get<V1ReplicaSet>(['replicaset', '-n', 'kafka', 'kafka']);
  const container = set?.spec?.template?.spec?.containers[0];
  if (!set || !container) throw new Error('the ReplicaSet has no container');
  container.env = (container.env ?? []).filter(({ name }) => name !== variable);
  const { name, namespace, labels } = set.metadata ?? {};
  const { apiVersion, kind, spec } = set;
  const applied = { apiVersion, kind, metadata: { name, namespace, labels }, spec };
  await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(applied));
}

const heap = '-Xms200m -Xmx512m';
const changed = JSON.stringify({
  spec: { template: { spec: { containers: [{ name: 'kafka', env: [{ name: 'KAFKA_HEAP_OPTS', value: heap }] }] } } },
});

interface Written {
  readonly acknowledged: number;
  readonly errors: readonly string[];
  /** The longest that one message took. */
  readonly longestMs: number;
}

/** One message after the other with acks=all, to each partition in turn. The topic's min.insync.replicas is 2. */
function startWriter(kafka: Kafka): { stop(): Promise<Written> } {
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const errors: string[] = [];
  let acknowledged = 0;
  let longestMs = 0;
  const stopped = new AbortController();
  const write = async (): Promise<void> => {
    await producer.connect();
    for (let partition = 0; !stopped.signal.aborted; partition = (partition + 1) % 60) {
      const fromMs = performance.now();
      try {
        await producer.send({ topic, acks: -1, messages: [{ partition: 12 + partition, value: 'rolling' }] });
        acknowledged += 1;
      } catch (error) {
        errors.push((error as Error).message);
      }
      longestMs = Math.max(longestMs, Math.round(performance.now() - fromMs));
      await delay(20);
    }
    await producer.disconnect();
  };
  const writing = write();
  return {
    async stop() {
      stopped.abort();
      await Promise.race([writing, delay(patienceMs, undefined, { ref: false })]);
      return { acknowledged, errors, longestMs };
    },
  };
}

/** Looks all the time at how many replicas are in sync. */
function watchIsr({ client }: Field): { stop(): Promise<{ readonly looks: number; readonly under: number }> } {
  const stopped = new AbortController();
  let looks = 0;
  let under = 0;
  const watch = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const view = await client.look(topic);
      if (view && view.partitions.length > 0) {
        looks += 1;
        under += view.partitions.filter(({ isr }) => isr.length < 2).length;
      }
      await delay(100);
    }
  };
  const watching = watch();
  return {
    async stop() {
      stopped.abort();
      await watching;
      return { looks, under };
    },
  };
}
