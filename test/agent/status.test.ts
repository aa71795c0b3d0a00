/** `status` of a volume and of Kubernetes together, and again and again. */
import { spawn } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agent, agentPath, scratch, startAgent, until, type Scratch } from '../support/agent.ts';
import { fakeKubernetes } from '../support/fake-kubernetes.ts';

const test = suite<{ place: Scratch }>('status', {} as { place: Scratch });
test.before.each((context) => {
  context.place = scratch();
});
test.after.each(({ place }) => place.remove());

const claim = ({ volume, config }: Scratch, name: string) =>
  agent(['claim', '--volume', volume, '--config-out', config], {
    env: { POD_NAME: name, POD_NAMESPACE: 'pets', POD_UID: `uid-${name}`, NODE_NAME: 'node1' },
  });
/** With a home of its own: no kubeconfig of whoever runs the tests is asked. */
const homeOf = ({ directory }: Scratch) => ({ env: { HOME: directory } });
const look = (place: Scratch, ...words: string[]) =>
  agent(['status', '--volume', place.volume, ...words], homeOf(place));

const env = [{ name: 'BARNABAS_VOLUME', value: '/data' }];
const ended = { terminated: { exitCode: 143, reason: 'Error', finishedAt: '2026-11-25T11:00:00Z' } };
const running = { running: { startedAt: '2026-11-25T11:00:00Z' } };

const podOf = (name: string, brokerId: number, isDead: boolean) => ({
  metadata: {
    ...{ name, uid: `uid-${name}`, creationTimestamp: '2026-11-25T10:00:00Z' },
    labels: { 'barnabas.dev/broker-id': String(brokerId) },
    annotations: { 'barnabas.dev/claim-generation': '1' },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'kafka', uid: 'set', controller: true }],
    ...(isDead && { deletionTimestamp: '2099-11-25T11:00:00Z' }),
  },
  spec: { nodeName: 'node1', containers: [{ name: 'kafka', env }] },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: isDead ? 'False' : 'True' }],
    containerStatuses: [{ name: 'kafka', restartCount: 0, state: isDead ? ended : running, lastState: {} }],
  },
});
const set = {
  metadata: { name: 'kafka', uid: 'set' },
  spec: { replicas: 2, selector: {}, template: { spec: { containers: [{ name: 'kafka', env }] } } },
};
const listsOf = (pods: readonly object[]) => ({
  '/api/v1/namespaces/pets/pods': pods,
  '/apis/apps/v1/namespaces/pets/replicasets': [set],
  '/apis/apps/v1/namespaces/pets/statefulsets': [],
  '/api/v1/namespaces/pets/events': [],
});

test('a claim on the volume whose pod the kubelet reports as terminated', async ({ place }) => {
  await claim(place, 'kafka-a');
  await claim(place, 'kafka-b');
  const pods = [podOf('kafka-a', 0, false), podOf('kafka-b', 1, true)];
  const kubernetes = await fakeKubernetes(place.directory, listsOf(pods));
  const { status, stdout, stderr } = await look(place, '--kubeconfig', kubernetes.kubeconfig);
  await kubernetes.close();
  assert.is(status, 1, stderr);
  const [head, first, second, volume, namespace, kafka, ...faults] = stdout.trimEnd().split('\n');
  assert.match(head ?? '', /^ID +LOG DIR +HOLDER +NODE +GENERATION +SINCE +LOCK +VERDICT$/);
  assert.match(first ?? '', /^0 +kafka-logs-0 \(0 B\) +kafka-a +node1 +1 +\d+s +free +serves$/);
  assert.match(second ?? '', /held by a dead pod: kubelet: every container has terminated, and it is being deleted$/);
  assert.match(volume ?? '', /^volume .*, uuid /);
  assert.is(namespace, 'Kubernetes: namespace pets');
  assert.match(kafka ?? '', /^Kafka is left out: /);
  assert.equal(faults, [
    'ReplicaSet kafka: 1 of 2 brokers serve',
    'broker 1: held by a dead pod: kubelet: every container has terminated, and it is being deleted',
  ]);
});

test('a kubeconfig that was not named and leads nowhere costs a line', async ({ place }) => {
  await claim(place, 'kafka-a');
  const kubernetes = await fakeKubernetes(place.directory, {});
  await kubernetes.close();
  const words = ['status', '--volume', place.volume];
  const { status, stdout } = await agent(words, { env: { KUBECONFIG: kubernetes.kubeconfig } });
  assert.is(status, 0, stdout);
  assert.match(stdout, /^Kubernetes is left out: cannot list the \S+ in namespace pets: .*can't be reached/m);
  const named = await agent([...words, '-n', 'pets'], { env: { KUBECONFIG: kubernetes.kubeconfig } });
  assert.is(named.status, 1);
  assert.match(named.stderr, /cannot list the \S+ in namespace pets/);
});

test('brokers that were named and do not answer are a fault; alone, an error', async ({ place }) => {
  await claim(place, 'kafka-a');
  const nobody = ['--bootstrap', '127.0.0.1:1'];
  const { status, stdout } = await look(place, ...nobody);
  assert.is(status, 1);
  assert.match(stdout, /^0 +kafka-logs-0/m);
  assert.match(stdout, /^Kafka: .*127\.0\.0\.1:1/m);
  const alone = await agent(['status', ...nobody], homeOf(place));
  assert.is(alone.status, 1);
  assert.match(alone.stderr, /127\.0\.0\.1:1/);
  assert.is(alone.stdout, '');
});

test('a log dir that no broker could be started on is a fault', async ({ place }) => {
  await claim(place, 'kafka-a');
  mkdirSync(join(place.volume, 'kafka-logs-0/lost+found'));
  const { status, stdout } = await look(place);
  assert.is(status, 1);
  assert.match(stdout, /^broker 0: kafka-logs-0\/lost\+found is no partition/m);
});

test('--watch off a terminal: one report after the other, until told to stop', async ({ place }) => {
  await claim(place, 'kafka-a');
  const watching = startAgent(['status', '--volume', place.volume, '--watch'], homeOf(place));
  const reports = (): number => watching.stdout().split(/^ID .*$/m).length - 1;
  await until(() => reports() === 2, 'two reports');
  watching.child.kill('SIGINT');
  const { status, stdout, stderr } = await watching.finished;
  assert.is(status, 0, stderr);
  assert.is(stderr, '');
  assert.match(stdout, /uuid \S+\n\nID +LOG DIR/);
  assert.not.match(stdout, /\u001b/);
});

test('--watch --json: a look that fails is a document, too', async ({ place }) => {
  await claim(place, 'kafka-a');
  const watching = startAgent(['status', '--volume', place.volume, '--watch', '--json'], homeOf(place));
  const reports = () => watching.stdout().trimEnd().split('\n\n');
  await until(() => watching.stdout() !== '', 'a report');
  renameSync(place.volume, `${place.volume}-away`);
  await until(() => reports().some((text) => /cannot use the volume/.test(text)), 'a look that failed');
  watching.child.kill('SIGINT');
  const { stderr } = await watching.finished;
  renameSync(`${place.volume}-away`, place.volume);
  assert.is(stderr, '');
  const [first, ...others] = reports().map((text) => JSON.parse(text) as { healthy: boolean; faults: string[] });
  assert.is(first?.healthy, true);
  assert.is(others.at(-1)?.healthy, false);
  assert.match(others.at(-1)?.faults[0] ?? '', /cannot use the volume/);
});

test('--watch ends when nobody reads any more', async ({ place }) => {
  const words = `"${process.execPath}" "${agentPath}" status --watch --volume "${place.volume}" | head -1`;
  const { status, stdout } = await agent([], { ...homeOf(place), under: ['sh', '-c', words] });
  assert.is(status, 0);
  assert.is(stdout, 'no log dir and no claim yet\n');
});

test('--watch on a terminal: each report takes the place of the last', async ({ place }) => {
  await claim(place, 'kafka-a');
  const words = `exec "${process.execPath}" "${agentPath}" status --watch --volume "${place.volume}"`;
  const child = spawn('script', ['-qec', words, '/dev/null'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: place.directory,
      TERM: 'xterm',
      BARNABAS_TEST_RUN: process.env['BARNABAS_TEST_RUN'] ?? '',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  await until(
    () => (shown.match(/ID .*LOG DIR/g) ?? []).length === 2,
    () => shown,
  );
  // As a keyboard says it.
  child.stdin.write('\u0003');
  assert.is(await closed, 0);
  assert.match(shown, /\u001b\[\d+A\u001b\[0JID/);
  assert.match(shown, /\u001b\[36m0\u001b\[39m/);
});

test.run();
