/** The commands of `kubectl barnabas`, against an API server that knows a few lists by heart. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agent, agentPath, scratch, type Scratch } from '../support/agent.ts';
import { fakeKubernetes, type FakeKubernetes } from '../support/fake-kubernetes.ts';

interface Context {
  place: Scratch;
  kubernetes: FakeKubernetes;
}

const test = suite<Context>('kubectl barnabas', {} as Context);

const spec = {
  containers: [
    {
      ...{ name: 'kafka', image: 'kafka:1' },
      env: [{ name: 'BARNABAS_VOLUME', value: '/data' }],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    },
  ],
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'kafka-data' } }],
};
const set = {
  metadata: { name: 'kafka', uid: 'set' },
  spec: { replicas: 2, selector: {}, template: { metadata: { labels: { app: 'kafka' } }, spec } },
};

const claimOf = (brokerId: number): string =>
  JSON.stringify({
    ...{ brokerId, generation: 4, evidence: 'kubelet', logDir: `kafka-logs-${String(brokerId)}`, waitedMs: 2000 },
    ...{ node: 'node1', decisions: `id ${String(brokerId)} claimed: kubelet; generation 4` },
  });

const podOf = (name: string, brokerId: number | undefined) => ({
  metadata: {
    ...{ name, uid: `uid-${name}`, creationTimestamp: '2026-11-25T11:00:00Z' },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'kafka', uid: 'set', controller: true }],
    ...(brokerId !== undefined && {
      labels: { 'barnabas.dev/broker-id': String(brokerId) },
      annotations: { 'barnabas.dev/claim-generation': '4', 'barnabas.dev/claim': claimOf(brokerId) },
    }),
  },
  spec: { ...spec, nodeName: 'node1' },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: brokerId === undefined ? 'False' : 'True' }],
    containerStatuses: [
      { name: 'kafka', restartCount: 2, state: { running: { startedAt: '2026-11-25T11:30:00Z' } }, lastState: {} },
    ],
  },
});

const zookeeper = {
  metadata: { name: 'zookeeper-0', uid: 'z' },
  spec: { containers: [{ name: 'zookeeper' }] },
  status: { phase: 'Running' },
};
const waits = {
  metadata: {},
  involvedObject: { kind: 'Pod', uid: 'uid-kafka-b' },
  ...{ type: 'Normal', reason: 'WaitingForTerminatingBroker', eventTime: '2026-11-25T11:59:00.000000Z' },
  message: 'Broker id 1 is held by pod "kafka-c", which is shutting down',
};
const lists = (pods: readonly object[]) => ({
  '/api/v1/namespaces/pets/pods': [...pods, zookeeper],
  '/apis/apps/v1/namespaces/pets/replicasets': [set],
  '/apis/apps/v1/namespaces/pets/statefulsets': [],
  '/api/v1/namespaces/pets/events': [waits],
  '/api/v1/namespaces/pets/services': [
    { metadata: { name: 'kafka-0' }, spec: { selector: { 'barnabas.dev/broker-id': '0' } } },
    { metadata: { name: 'kafka' }, spec: { selector: { app: 'kafka' } } },
  ],
});

test.before.each(async (context) => {
  context.place = scratch();
  const pods = [podOf('kafka-b', undefined), podOf('kafka-a', 0)];
  context.kubernetes = await fakeKubernetes(context.place.directory, lists(pods));
});
test.after.each(async ({ place, kubernetes }) => {
  await kubernetes.close();
  place.remove();
});

const ask = ({ kubernetes }: Context, words: readonly string[]) =>
  agent([...words, '--kubeconfig', kubernetes.kubeconfig]);

test('status: a table, and exit status 1 where a replica has no id', async (context) => {
  const { status, stdout, stderr } = await ask(context, ['status']);
  assert.is(status, 1, stderr);
  const [head, first, second, namespace, kafka, fault] = stdout.split('\n');
  assert.match(head ?? '', /^ID +LOG DIR +HOLDER +NODE +GENERATION +SINCE +VERDICT$/);
  assert.match(first ?? '', /^0 +kafka-logs-0 +kafka-a +node1 +4 +\S+ +serves$/);
  assert.match(second ?? '', /^- +- +kafka-b +node1 +- +\S+ +waiting for id: id 1 is held by pod "kafka-c"/);
  assert.is(namespace, 'Kubernetes: namespace pets');
  assert.match(kafka ?? '', /^Kafka is left out: /);
  assert.is(fault, 'ReplicaSet kafka: 1 of 2 brokers serve');
});

test('status -o wide: the pods too', async (context) => {
  const { stdout } = await ask(context, ['status', '-o', 'wide']);
  const [head, first] = stdout.split('\n');
  assert.match(head ?? '', /SINCE +PHASE +RESTARTS +CLAIMED +VERDICT$/);
  assert.match(first ?? '', /Running, ready +2 +kubelet +serves$/);
});

test('status -o json: exit status 0 where every replica serves', async (context) => {
  const words = ['status', '-o', 'json', '-n', 'farm'];
  const directory = context.place.directory;
  const objects = Object.entries(lists([podOf('kafka-a', 0), podOf('kafka-b', 1)]));
  const farm = await fakeKubernetes(
    directory,
    Object.fromEntries(objects.map(([path, items]) => [path.replace('/pets/', '/farm/'), items])),
  );
  const { status, stdout, stderr } = await ask({ ...context, kubernetes: farm }, words);
  await farm.close();
  assert.is(status, 0, stderr);
  const { namespace, healthy, pods } = JSON.parse(stdout) as {
    namespace: string;
    healthy: boolean;
    pods: object[];
  };
  assert.equal([namespace, healthy], ['farm', true]);
  assert.equal(pods[1], {
    ...{ brokerId: 1, pod: 'kafka-b', node: 'node1', phase: 'Running', ready: true, restarts: 2, generation: 4 },
    ...{ evidence: 'kubelet', createdAt: '2026-11-25T11:00:00.000Z', mark: 'good', verdict: 'serves' },
  });
});

test('tree: off a terminal in no colour, whatever a build says', async ({ kubernetes }) => {
  const words = ['tree', '--context', 'here'];
  const env = { BARNABAS_KUBECONFIG: kubernetes.kubeconfig, CI: '1' };
  const { status, stdout, stderr } = await agent(words, { env });
  assert.is(status, 0, stderr);
  assert.equal(stdout.trimEnd().split('\n'), [
    'ReplicaSet kafka: 1 of 2 serve',
    '├─ ✓ pod kafka-a on node1: serves',
    '│  └─ broker 0, generation 4 (kubelet)',
    '│     ├─ Service kafka-0',
    '│     └─ pvc kafka-data, kafka-logs-0',
    '└─ … pod kafka-b on node1: waiting for id: id 1 is held by pod "kafka-c", which is shutting down',
  ]);
});

test('why ID and why POD', async (context) => {
  const byId = await ask(context, ['why', '0']);
  assert.is(byId.status, 0, byId.stderr);
  assert.match(byId.stdout, /^pod kafka-a on node1, \S+ old: serves\nclaimed broker id 0, generation 4, with its data/);
  const byName = await ask(context, ['why', 'kafka-b']);
  assert.match(byName.stdout, /WaitingForTerminatingBroker +Broker id 1 is held/);
  assert.match(byName.stdout, /what to do next: nothing: it goes on as soon as that broker has ended\n$/);
});

test('events that may not be read are left out, and said so', async (context) => {
  const objects = Object.entries(lists([podOf('kafka-b', undefined)])).filter(([path]) => !path.endsWith('/events'));
  const kubernetes = await fakeKubernetes(context.place.directory, Object.fromEntries(objects));
  const { stdout, stderr } = await ask({ ...context, kubernetes }, ['status']);
  await kubernetes.close();
  assert.match(stdout, /no id yet/);
  assert.match(stderr, /events are left out why="cannot list the events in namespace pets: .* is forbidden"/);
});

const refusals: readonly (readonly [readonly string[], number, RegExp])[] = [
  [['why'], 2, /which pod or broker id\?/],
  [['roll', 'other'], 2, /cannot roll in namespace pets: no ReplicaSet other of brokers: there is kafka/],
  [['roll', '--wait', 'soon'], 2, /--wait: "soon" is no duration/],
  [['why', '7'], 2, /no pod in pets has broker id 7, and without an id are: kafka-b/],
  [['status', '--context', 'there'], 2, /--context: the kubeconfig has no context "there": it has here/],
  [['tree', '--namespace', 'empty'], 1, /cannot list the .* in namespace empty: .* is forbidden/],
  [['status', '--namespace', ''], 2, /--namespace: is empty/],
];
for (const [words, expected, message] of refusals) {
  test(`${words.join(' ')}: ${expected}`, async (context) => {
    const { status, stdout, stderr } = await ask(context, words);
    assert.match(stderr, message);
    assert.is(status, expected);
    assert.is(stdout, '');
  });
}

test('a kubeconfig that is not there, and a server that is not there', async ({ place, kubernetes }) => {
  const missing = await agent(['status', '--kubeconfig', join(place.directory, 'nowhere')]);
  assert.match(missing.stderr, /--kubeconfig: .*nowhere can't be read: ENOENT/);
  assert.is(missing.status, 2);
  await kubernetes.close();
  const silent = await agent(['status', '--kubeconfig', kubernetes.kubeconfig]);
  assert.match(silent.stderr, /can't be reached .*are --context and --kubeconfig right\?/);
  assert.is(silent.status, 1);
});

test('started by kubectl it calls itself so', async ({ place }) => {
  const plugin = join(place.directory, 'kubectl-barnabas');
  symlinkSync(agentPath, plugin);
  const under = ['sh', '-c', `exec "$0" "${plugin}" why --help`, process.execPath];
  const { stdout } = await agent([], { under });
  assert.match(stdout, /kubectl barnabas why <pod-or-id>/);
  assert.match(stdout, /-n, --namespace/);
});

test.run();
