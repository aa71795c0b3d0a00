/** The checks of the overlays notice each fault that they are there for. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { wrongFields } from './fields.ts';
import { faultsOf } from './pod-security.ts';
import { dangling } from './references.ts';
import { render, type Manifest } from './render.ts';
import { nameOf, workloadsOf, type PodTemplate } from './workloads.ts';

const test = suite('the checks of manifests');
const shipped = render('rwx');

type Patch = Readonly<Record<string, unknown>>;

/** What is reported, in which object of `parts`, and what breaks it. */
type Row = readonly [fault: string, where: string, patch: Patch];

/** Into objects as in JSON Merge Patch, `null` taking away; a list gets what is in the patch's besides. */
function merge(target: Record<string, unknown>, patch: Patch): void {
  for (const [key, value] of Object.entries(patch)) {
    const present = target[key];
    if (value === null) Reflect.deleteProperty(target, key);
    else if (Array.isArray(present) && Array.isArray(value)) present.push(...(value as unknown[]));
    else if (isPlain(present) && isPlain(value)) merge(present, value);
    else target[key] = value;
  }
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Broken {
  readonly all: Manifest[];
  readonly template: PodTemplate;
}

/** A copy of the shipped manifests, broken in one place: `pod` is the brokers', the containers are its. */
function broken(where?: string, patch: Patch = {}): Broken {
  const all = structuredClone(shipped);
  const template = workloadsOf(all).find((workload) => nameOf(workload) === 'ReplicaSet kafka')?.spec.template;
  if (!template) throw new Error('there are no brokers');
  const { spec } = template;
  const parts = new Map<string, object | undefined>(all.map((manifest) => [nameOf(manifest), manifest]));
  parts.set('template', template).set('pod', spec).set('kafka', spec.containers[0]);
  parts.set('barnabas', spec.initContainers?.[0]).set(
    'data',
    spec.volumes?.find(({ name }) => name === 'data'),
  );
  const part = where === undefined ? {} : parts.get(where);
  if (!part) throw new Error(`there is no ${where ?? ''}`);
  merge(part as Record<string, unknown>, patch);
  return { all, template };
}

function addRows(title: string, rows: readonly Row[], check: (broken: Broken) => string[]): void {
  test(`${title}: nothing is wrong as it is shipped`, () => assert.equal(check(broken()), []));
  for (const [fault, where, patch] of rows) {
    test(`${title}: ${fault} (${where})`, () => {
      const faults = check(broken(where, patch));
      assert.ok(
        faults.some((line) => line.includes(fault)),
        faults.join('; '),
      );
    });
  }
}

const context = (of: Patch): Patch => ({ securityContext: of });

addRows(
  'Pod Security',
  [
    ['hostNetwork', 'pod', { hostNetwork: true }],
    ['hostPID', 'pod', { hostPID: true }],
    ['hostIPC', 'pod', { hostIPC: true }],
    ['volume x is a hostPath', 'pod', { volumes: [{ name: 'x', hostPath: { path: '/' } }] }],
    ['sysctl kernel.msgmax', 'pod', context({ sysctls: [{ name: 'kernel.msgmax', value: '1' }] })],
    ['runAsNonRoot is not true', 'pod', context({ runAsNonRoot: null })],
    ['runAsNonRoot is false', 'kafka', context({ runAsNonRoot: false })],
    ['pod: runAsUser is 0', 'pod', context({ runAsUser: 0 })],
    ['kafka: runAsUser is 0', 'kafka', context({ runAsUser: 0 })],
    ['seccompProfile is none', 'pod', context({ seccompProfile: null })],
    ['seccompProfile is Unconfined', 'barnabas', context({ seccompProfile: { type: 'Unconfined' } })],
    ['allowPrivilegeEscalation is not false', 'kafka', context({ allowPrivilegeEscalation: null })],
    ['kafka: does not drop ALL', 'kafka', context({ capabilities: null })],
    ['barnabas: does not drop ALL', 'barnabas', context({ capabilities: null })],
    ['adds NET_ADMIN', 'kafka', context({ capabilities: { add: ['NET_ADMIN'] } })],
    ['privileged', 'kafka', context({ privileged: true })],
    ['procMount', 'kafka', context({ procMount: 'Unmasked' })],
    ['appArmorProfile', 'pod', context({ appArmorProfile: { type: 'Unconfined' } })],
    ['seLinuxOptions.type', 'pod', context({ seLinuxOptions: { type: 'spc_t' } })],
    ['seLinuxOptions.user', 'kafka', context({ seLinuxOptions: { user: 'root' } })],
    ['hostProcess', 'pod', context({ windowsOptions: { hostProcess: true } })],
    ['hostPort', 'kafka', { ports: [{ containerPort: 1, hostPort: 1 }] }],
    ['a handler names a host', 'kafka', { livenessProbe: { httpGet: { host: 'x' } } }],
    ['a handler names a host', 'kafka', { lifecycle: { preStop: { tcpSocket: { host: 'x', port: 1 } } } }],
    [
      'annotation container.apparmor',
      'template',
      { metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/kafka': 'unconfined' } } },
    ],
  ],
  ({ template }) => faultsOf(template),
);

addRows(
  'references',
  [
    ['there is no ServiceAccount x', 'pod', { serviceAccountName: 'x' }],
    ['there is no PersistentVolumeClaim x', 'data', { persistentVolumeClaim: { claimName: 'x' } }],
    ['there is no ConfigMap x', 'data', { configMap: { name: 'x' } }],
    ['there is no Secret x', 'data', { projected: { sources: [{ secret: { name: 'x' } }] } }],
    ['there is no ConfigMap x', 'barnabas', { envFrom: [{ configMapRef: { name: 'x' } }] }],
    ['there is no ConfigMap x', 'kafka', { env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'x' } } }] }],
    ['there is no Secret x', 'kafka', { env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'x' } } }] }],
    ['there is no Service x', 'kafka', { env: [{ name: 'X', value: 'x:2181' }] }],
    ['there is no Service x', 'StatefulSet zookeeper', { spec: { serviceName: 'x' } }],
    ['there is no Namespace x', 'Service kafka', { metadata: { namespace: 'x' } }],
    ['there is no Role x', 'RoleBinding kafka', { roleRef: { name: 'x' } }],
    [
      'there is no ServiceAccount x',
      'ClusterRoleBinding kafka-nodes',
      { subjects: [{ kind: 'ServiceAccount', name: 'x' }] },
    ],
    ['there is no volume x', 'kafka', { volumeMounts: [{ name: 'x', mountPath: '/x' }] }],
    ['nobody mounts the volume x', 'pod', { volumes: [{ name: 'x', emptyDir: {} }] }],
    ['nothing listens on the probed port 1', 'kafka', { livenessProbe: { httpGet: { port: 1 } } }],
    ['does not select its own pods', 'ReplicaSet kafka', { spec: { selector: { matchLabels: { x: 'y' } } } }],
    ['does not select its own pods', 'pod', { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'x' }] }],
    ['kafka-0: selects no pod', 'Service kafka-0', { spec: { selector: { 'app.kubernetes.io/name': 'x' } } }],
    ['no pod behind it has the port 1', 'Service kafka', { spec: { ports: [{ port: 1 }] } }],
    ['selects no pod', 'PodDisruptionBudget kafka', { spec: { selector: { matchLabels: { x: 'y' } } } }],
    ['selects no pod', 'NetworkPolicy zookeeper', { spec: { podSelector: { matchLabels: { x: 'y' } } } }],
    [
      'selects no pod',
      'NetworkPolicy kafka',
      { spec: { egress: [{ to: [{ podSelector: { matchLabels: { x: 'y' } } }] }] } },
    ],
  ],
  ({ all }) => dangling(all),
);

addRows(
  'fields',
  [
    ['has no field enforce', 'kafka', { enforce: true }],
    ['has no field sub', 'data', { sub: {} }],
    ['value is no string', 'kafka', { env: [{ name: 'X', value: 1 }] }],
    ['command is no list', 'ReplicaSet kafka', { spec: { template: { spec: { containers: [{ command: 'sh' }] } } } }],
    ['is neither int nor string', 'kafka', { livenessProbe: { httpGet: { port: { x: 1 } } } }],
    ['apiVersion policy/v1beta1', 'PodDisruptionBudget kafka', { apiVersion: 'policy/v1beta1' }],
    ['there is no V1Thing', 'PodDisruptionBudget kafka', { kind: 'Thing' }],
  ],
  ({ all }) => all.flatMap(wrongFields),
);

test.run();
