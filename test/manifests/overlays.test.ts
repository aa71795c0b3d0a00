/** Every overlay that is shipped, as it would reach a cluster. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  V1ConfigMap,
  V1PersistentVolumeClaim,
  V1PodSpec,
  V1Role,
  V1ServiceAccount,
} from '@kubernetes/client-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planProperties } from '../../src/domain/properties/plan.ts';
import { renderProperties } from '../../src/domain/properties/render.ts';
import { wrongFields } from './fields.ts';
import { faultsOf } from './pod-security.ts';
import { dangling } from './references.ts';
import { overlays, parse, render, root, type Manifest } from './render.ts';
import { containersOf, nameOf, workloadsOf, type Workload } from './workloads.ts';

const test = suite('the overlays');
const rendered = new Map(overlays.map((overlay) => [overlay, render(overlay)]));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };
const kafkaVersion = /<kafka.version>(.*)<\/kafka.version>/.exec(read('images/kafka/pom.xml'))?.[1] ?? '';

const of = (overlay: string): Manifest[] => rendered.get(overlay) ?? [];

function workload(overlay: string, name: string): Workload {
  const found = workloadsOf(of(overlay)).find(({ metadata }) => metadata.name === name);
  if (!found) throw new Error(`${overlay} has no workload ${name}`);
  return found;
}

for (const [overlay, manifests] of rendered) {
  test(`${overlay}: it has brokers and ZooKeeper, and no object twice`, () => {
    assert.equal(
      workloadsOf(manifests)
        .map(({ metadata }) => metadata.name)
        .sort(),
      ['kafka', 'zookeeper'],
    );
    const all = manifests.map(nameOf);
    assert.equal(
      all.filter((name, index) => all.indexOf(name) !== index),
      [],
    );
  });

  test(`${overlay}: every field is one of the API's`, () => assert.equal(manifests.flatMap(wrongFields), []));

  test(`${overlay}: every pod satisfies Pod Security "restricted", which its namespace enforces`, () => {
    const namespaces = manifests.filter(({ kind }) => kind === 'Namespace');
    assert.is(namespaces[0]?.metadata.labels?.['pod-security.kubernetes.io/enforce'], 'restricted');
    for (const { metadata, spec } of workloadsOf(manifests)) assert.equal(faultsOf(spec.template), [], metadata.name);
  });

  test(`${overlay}: every root file system is read-only, and every container's memory is bounded`, () => {
    for (const container of workloadsOf(manifests).flatMap(({ spec }) => containersOf(spec.template.spec))) {
      assert.is(container.securityContext?.readOnlyRootFilesystem, true, container.name);
      assert.ok(container.resources?.limits?.['memory'], container.name);
    }
  });

  test(`${overlay}: the token is mounted by nobody but the agent`, () => {
    const accounts = manifests.filter(({ kind }) => kind === 'ServiceAccount') as V1ServiceAccount[];
    assert.equal(
      accounts.map(({ automountServiceAccountToken }) => automountServiceAccountToken),
      [false],
    );
    for (const { spec } of workloadsOf(manifests)) {
      const pod = spec.template.spec;
      assert.is(pod.automountServiceAccountToken, false);
      assert.equal(
        withToken(pod),
        containersOf(pod)
          .filter(isAgent)
          .map(({ name }) => name),
      );
    }
  });

  test(`${overlay}: the images are those of this version`, () => {
    const expected = [`barnabas/agent:${version}`, `barnabas/kafka:${version}-kafka-${kafkaVersion}`];
    for (const { image } of workloadsOf(manifests).flatMap(({ spec }) => containersOf(spec.template.spec))) {
      assert.ok(expected.includes(image ?? ''), image);
    }
  });

  test(`${overlay}: whatever is named is there, and every selector finds its pods`, () =>
    assert.equal(dangling(manifests), []));

  test(`${overlay}: all is in one namespace, but for what belongs to none`, () => {
    const [namespace] = manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
    const elsewhere = manifests.filter(({ metadata }) => metadata.namespace !== namespace).map(({ kind }) => kind);
    const ofNone = ['Namespace', 'ClusterRole', 'ClusterRoleBinding'];
    assert.equal(
      elsewhere.filter((kind) => !ofNone.includes(kind)),
      [],
    );
  });

  test(`${overlay}: no right that the agent does not use`, () => {
    const calls = callsOfAgent();
    for (const right of rightsIn(manifests)) assert.ok(calls.includes(right), right);
  });
}

test('the agent has the right to all that it calls, where node evidence is in', () => {
  const rights = rightsIn(of('minikube'));
  // It asks for its StatefulSet only where it is in one, and no overlay puts it there.
  assert.equal(
    callsOfAgent().filter((call) => !rights.includes(call)),
    ['get statefulsets'],
  );
});

test('minikube-ephemeral: nothing of it is outside its namespace', () => {
  const kinds = of('minikube-ephemeral').map(({ kind }) => kind);
  assert.equal(
    kinds.filter((kind) => kind.startsWith('Cluster')),
    [],
  );
});

test('rwx: one broker and one ZooKeeper server on a Kubernetes node, on a class that must be named', () => {
  for (const name of ['kafka', 'zookeeper']) {
    const [spread] = workload('rwx', name).spec.template.spec.topologySpreadConstraints ?? [];
    assert.is(spread?.whenUnsatisfiable, 'DoNotSchedule');
    assert.is(spread?.nodeTaintsPolicy, 'Honor');
  }
  const claims = of('rwx').filter(({ kind }) => kind === 'PersistentVolumeClaim') as V1PersistentVolumeClaim[];
  assert.equal(
    claims.map(({ spec }) => [spec?.accessModes, spec?.storageClassName]),
    [[['ReadWriteMany'], 'shared']],
  );
});

test('the ensemble: zoo.cfg names as many servers as there are pods, and by their names', () => {
  const { replicas = 0, serviceName } = workload('rwx', 'zookeeper').spec;
  const config = configMap('rwx', 'zookeeper-config')['zoo.cfg'] ?? '';
  const expected = Array.from(
    { length: replicas },
    (_, ordinal) => `server.${ordinal + 1}=zookeeper-${ordinal}.${serviceName ?? ''}:2888:3888`,
  );
  assert.equal(config.match(/^server\..*$/gm), expected);
});

test('the ensemble: a server has the number of its ordinal, whatever a crash left', () => {
  inDirectory((directory) => {
    const script = commandOf(workload('rwx', 'zookeeper'))
      .replaceAll('/data/', `${directory}/`)
      .replace(/exec .*/, `cat ${directory}/zookeeper/myid`);
    const start = (pod: string): string => sh(script, { POD_NAME: pod });
    assert.is(start('zookeeper-2'), '3\n');
    sh(`: >${directory}/zookeeper/myid`, {});
    assert.is(start('zookeeper-2'), '3\n');
  });
});

test('statefulset: a broker has the settings that the agent would have written for its id', () => {
  inDirectory((directory) => {
    const settings = configMap('statefulset', 'kafka-config');
    for (const [name, value] of Object.entries(settings)) sh(`printf %s "$value" >${directory}/${name}`, { value });
    const script = commandOf(workload('statefulset', 'kafka'))
      .replaceAll('/settings/', `${directory}/`)
      .replaceAll('/tmp/server.properties', `${directory}/server.properties`)
      .replace(/exec .*\.sh /, 'cat ');
    const written = sh(script, { POD_NAME: 'kafka-2', POD_NAMESPACE: 'kafka' });
    assert.equal(written.trim().split('\n').sort(), writtenByAgent(settings));
  });
});

test('statefulset: image, JVM options, resources, user, volume and Services are those of the ReplicaSet', () => {
  const [before, after] = ['minikube', 'statefulset'].map((overlay) => workload(overlay, 'kafka'));
  const same = ({ spec, metadata }: Workload) => {
    const { containers, volumes = [], securityContext } = spec.template.spec;
    const { image, env = [], resources, ports } = containers[0] ?? {};
    const heap = env.filter(({ name }) => name === 'KAFKA_HEAP_OPTS');
    const data = volumes.find(({ name }) => name === 'data');
    return { name: metadata.name, replicas: spec.replicas, image, heap, resources, ports, data, securityContext };
  };
  assert.ok(before && after);
  assert.equal(same(after), same(before));
  assert.is(after.kind, 'StatefulSet');
  const services = (overlay: string): string[] =>
    of(overlay)
      .map(nameOf)
      .filter((name) => name.startsWith('Service '));
  assert.equal(services('statefulset'), services('minikube'));
});

test('install.yaml of a release is an overlay with the images of this version', () => {
  inDirectory((directory) => {
    const file = join(directory, 'install.yaml');
    execFileSync('bash', [join(root, 'scripts/manifests.sh'), 'minikube', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    assert.equal(parse(readFileSync(file, 'utf8')), of('minikube'));
  });
});

test('manifests/README.md tells of every overlay and component, and of every right', () => {
  const page = read('manifests/README.md');
  const rows = (start: string): string[] =>
    [...page.matchAll(/^\| `([^`]+)` /gm)].map(([, name]) => name ?? '').filter((name) => name.startsWith(start));
  const components = readdirSync(join(root, 'manifests/components')).map((name) => `components/${name}`);
  assert.equal(rows('components/').sort(), components.sort());
  for (const overlay of overlays) assert.ok(rows('').includes(overlay), overlay);
  for (const right of rightsIn(of('minikube'))) {
    const [verb = '', resource = ''] = right.split(' ');
    assert.match(page, new RegExp(`^\\| [^|]*\\b${verb}\\b[^|]*\\b${resource}\\b`, 'm'));
  }
});

const isAgent = ({ image = '', command = [] }: { image?: string; command?: string[] }): boolean =>
  image.startsWith('barnabas/agent:') || command[0] === 'barnabas';

function withToken(pod: V1PodSpec): string[] {
  const tokens = (pod.volumes ?? [])
    .filter(({ projected }) => projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken))
    .map(({ name }) => name);
  return containersOf(pod)
    .filter(({ volumeMounts = [] }) => volumeMounts.some(({ name }) => tokens.includes(name)))
    .map(({ name }) => name);
}

/** Such as `get pods`, of roles of any kind. */
function rightsIn(manifests: readonly Manifest[]): string[] {
  const roles = manifests.filter(({ kind }) => /^(Cluster)?Role$/.test(kind)) as V1Role[];
  return roles.flatMap(({ rules = [] }) =>
    rules.flatMap(({ verbs, resources = [] }) =>
      verbs.flatMap((verb) => resources.map((resource) => `${verb} ${resource}`)),
    ),
  );
}

/** What the agent's own source calls. */
function callsOfAgent(): string[] {
  // What `status`, `tree` and `why` ask is asked with a person's rights: they connect by person.ts.
  const sources = readdirSync(join(root, 'src/kubernetes'))
    .map((name) => read(`src/kubernetes/${name}`))
    .filter((source) => !source.includes("from './person.ts'"));
  const calls = [...sources.join('\n').matchAll(/\b(?:core|apps|events)\.([a-z]+)(?:Namespaced)?([A-Z][a-zA-Z]+)\(/g)];
  const rights = calls.map(([, verb = '', kind = '']) => `${verb === 'read' ? 'get' : verb} ${kind.toLowerCase()}s`);
  return [...new Set(rights)];
}

/** For broker 2, sorted; without the setting that only ids above 1000 need. */
function writtenByAgent(environment: Record<string, string>): string[] {
  const planned = planProperties({
    environment,
    secretFiles: new Map(),
    zookeeper: 'zookeeper:2181',
    advertisedHost: 'kafka-{id}.kafka.svc',
  });
  if (!planned.ok) throw new Error(planned.problems.join());
  const { entries } = renderProperties(planned.plan, { brokerId: 2, logDir: '/data/kafka-logs-2' });
  return entries
    .filter(({ key }) => key !== 'broker.id.generation.enable')
    .map(({ key, value }) => `${key}=${value}`)
    .sort();
}

const configMap = (overlay: string, name: string): Record<string, string> =>
  (of(overlay).find((manifest) => nameOf(manifest) === `ConfigMap ${name}`) as V1ConfigMap | undefined)?.data ?? {};

const commandOf = ({ spec }: Workload): string => spec.template.spec.containers[0]?.command?.at(-1) ?? '';

const sh = (script: string, variables: Record<string, string>): string =>
  execFileSync('sh', ['-euc', script], { encoding: 'utf8', env: { PATH: process.env['PATH'], ...variables } });

function inDirectory(use: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), 'manifests-'));
  try {
    use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test.run();
