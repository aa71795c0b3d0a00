import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { differencesOf } from '../../../src/domain/fleet/differs.ts';
import { minutesAgo, owner, podOf } from './fleet-of.ts';

const test = suite('whether a pod is of the current template');

const kafka = {
  ...{ name: 'kafka', image: 'kafka:1', args: ['start', '-x'], resources: { limits: { memory: '1Gi' } } },
  env: [
    { name: 'HEAP', value: '1g' },
    { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
  ],
  ports: [{ containerPort: 9092, name: 'kafka' }],
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
};
const template = {
  labels: { app: 'kafka' },
  annotations: { version: '1' },
  spec: { containers: [kafka], volumes: [{ name: 'data', emptyDir: {} }], tolerations: [{ key: 'a' }] },
};

/** As the API server, the scheduler and the usual admission leave it. */
const madeOf = (container: object = {}, spec: object = {}) => ({
  labels: { ...template.labels, 'barnabas.dev/broker-id': '1' },
  annotations: { ...template.annotations, 'barnabas.dev/claim': '{}' },
  spec: {
    ...template.spec,
    ...{ nodeName: 'node1', serviceAccountName: 'default', priority: 0, enableServiceLinks: true },
    tolerations: [...template.spec.tolerations, { key: 'node.kubernetes.io/not-ready', operator: 'Exists' }],
    volumes: [...template.spec.volumes, { name: 'kube-api-access-7xk2p', projected: {} }],
    containers: [
      {
        ...kafka,
        resources: { limits: { memory: '1Gi' }, requests: { memory: '1Gi' } },
        volumeMounts: [
          ...kafka.volumeMounts,
          { name: 'kube-api-access-7xk2p', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
        ],
        ...container,
      },
    ],
    ...spec,
  },
});

const env = 'spec.containers[kafka].env';
const table: readonly (readonly [string, ReturnType<typeof madeOf>, readonly string[]])[] = [
  ['as it was made', madeOf(), []],
  ['another image', madeOf({ image: 'kafka:2' }), ['spec.containers[kafka].image']],
  ['another value', madeOf({ env: [{ name: 'HEAP', value: '2g' }, kafka.env[1]] }), [`${env}[HEAP].value`]],
  ['a variable less', madeOf({ env: [kafka.env[1]] }), [`${env}[HEAP]`]],
  ['variables in another order', madeOf({ env: [...kafka.env].reverse() }), []],
  ['arguments in another order', madeOf({ args: ['-x', 'start'] }), ['spec.containers[kafka].args']],
  ['no arguments', madeOf({ args: undefined }), ['spec.containers[kafka].args']],
  [
    'other limits',
    madeOf({ resources: { limits: { memory: '2Gi' } } }),
    ['spec.containers[kafka].resources.limits.memory'],
  ],
  ['another port', madeOf({ ports: [{ containerPort: 9093 }] }), ['spec.containers[kafka].ports[9092/TCP]']],
  ['another volume', madeOf({}, { volumes: [{ name: 'data', hostPath: {} }] }), ['spec.volumes[data].emptyDir']],
  ['without a toleration', madeOf({}, { tolerations: [] }), ['spec.tolerations[{"key":"a"}]']],
  ['an annotation', { ...madeOf(), annotations: { version: '0' } as never }, ['annotations.version']],
  ['a label less', { ...madeOf(), labels: {} as never }, ['labels.app']],
];
for (const [name, mould, paths] of table) {
  test(`${name}: ${paths.join(', ') || 'no difference'}`, () => {
    assert.equal(differencesOf(podOf(1, { mould }), { ...owner, template }), paths);
  });
}

const besides: readonly (readonly [string, ReturnType<typeof madeOf>, readonly string[]])[] = [
  ['a variable more', madeOf({ env: [...kafka.env, { name: 'OLD', value: '1' }] }), [`${env}[OLD]`]],
  [
    'a container more',
    madeOf({}, { containers: [...madeOf().spec.containers, { name: 'proxy' }] }),
    ['spec.containers[proxy]'],
  ],
  ['a probe more', madeOf({ readinessProbe: {} }), ['spec.containers[kafka].readinessProbe']],
  ['a volume more', madeOf({}, { volumes: [...madeOf().spec.volumes, { name: 'old' }] }), ['spec.volumes[old]']],
];
for (const [name, mould, paths] of besides) {
  const pod = podOf(1, { mould });
  test(`${name}: removed from the template, if the pod is older than that`, () => {
    const changed = (templateAt: string | null) => differencesOf(pod, { ...owner, template, templateAt });
    assert.equal(changed(minutesAgo(9)), paths);
    assert.equal(changed(null), paths);
    assert.equal(changed(minutesAgo(10)), []);
    assert.equal(changed(minutesAgo(11)), []);
  });
}

test('what the cluster adds is no difference, however old the pod', () => {
  const pod = podOf(1, { mould: madeOf(), createdAt: minutesAgo(999) });
  assert.equal(differencesOf(pod, { ...owner, template }), []);
});

test.run();
