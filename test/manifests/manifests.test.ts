/** What every shipped overlay must be, whatever else it is. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { V1PodTemplateSpec } from '@kubernetes/client-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { violations } from './pod-security.ts';
import { containersOf, overlays, render, services, workloads, type Rendered, type Workload } from './rendered.ts';

const test = suite('the manifests');
const root = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { version: string };
const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';

const named = (objects: readonly Rendered[], kind: string): (string | undefined)[] =>
  objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);

for (const overlay of overlays()) {
  const objects = render(overlay);
  const each = workloads(objects);

  test(`${overlay}: pods satisfy the standard "restricted", with a read-only root`, () => {
    assert.ok(each.length >= 2, 'brokers and ZooKeeper');
    for (const { name, template } of each) {
      assert.equal(violations(template), [], name);
      for (const container of containersOf(template)) {
        assert.is(container.securityContext?.readOnlyRootFilesystem, true, `${name}, ${container.name}`);
      }
    }
  });

  test(`${overlay}: its namespace admits nothing less`, () => {
    const [namespace] = objects.filter(({ kind }) => kind === 'Namespace');
    assert.is(namespace?.metadata.labels?.['pod-security.kubernetes.io/enforce'], 'restricted');
    const clusterWide = ['Namespace', 'ClusterRole', 'ClusterRoleBinding'];
    for (const { kind, metadata } of objects.filter((object) => !clusterWide.includes(object.kind))) {
      assert.is(metadata.namespace, namespace?.metadata.name, `${kind} ${metadata.name ?? ''}`);
    }
  });

  test(`${overlay}: images are ours, of this version`, () => {
    for (const { image } of each.flatMap(({ template }) => containersOf(template))) {
      assert.match(String(image), new RegExp(`^barnabas/(agent:${version}|kafka:${version}-kafka-[0-9.]+)$`));
    }
  });

  test(`${overlay}: nobody has a token but the agent`, () => {
    for (const { name, template } of each) {
      assert.is(template.spec?.automountServiceAccountToken, false, name);
      assert.equal(withToken(template), withAgent(template), name);
    }
    for (const account of objects.filter(({ kind }) => kind === 'ServiceAccount')) {
      assert.is((account as { automountServiceAccountToken?: boolean }).automountServiceAccountToken, false);
    }
  });

  test(`${overlay}: what its pods refer to is there`, () => {
    for (const workload of each) {
      for (const { kind, name } of references(workload)) {
        assert.ok(named(objects, kind).includes(name), `${workload.name}: ${kind} ${name}`);
      }
      assert.equal(unknownMounts(workload), [], workload.name);
    }
  });

  test(`${overlay}: selectors select`, () => {
    for (const { name, object, template } of each) {
      const wanted = object.spec?.selector?.matchLabels ?? {};
      const labels: Readonly<Record<string, string>> = template.metadata?.labels ?? {};
      assert.ok(Object.keys(wanted).length > 0, name);
      for (const [key, value] of Object.entries(wanted)) assert.is(labels[key], value, `${name}: ${key}`);
    }
    for (const { metadata, spec } of services(objects)) {
      // Given to a pod while it lives.
      const later = ['barnabas.dev/broker-id', 'apps.kubernetes.io/pod-index'];
      const wanted = Object.entries(spec?.selector ?? {}).filter(([key]) => !later.includes(key));
      assert.ok(wanted.length > 0);
      const isFor = each.filter(({ template }) =>
        wanted.every(([key, value]) => template.metadata?.labels?.[key] === value),
      );
      assert.is(isFor.length, 1, `Service ${metadata?.name ?? ''}`);
    }
  });
}

interface Reference {
  readonly kind: string;
  readonly name: string;
}

function references({ template }: Workload): Reference[] {
  const { serviceAccountName: account, volumes = [] } = template.spec ?? {};
  const found: [string, string | undefined][] = [
    ['ServiceAccount', account],
    ...volumes.map((volume): [string, string | undefined] => ['ConfigMap', volume.configMap?.name]),
    ...volumes.map(({ persistentVolumeClaim: claim }): [string, string | undefined] => [
      'PersistentVolumeClaim',
      claim?.claimName,
    ]),
    ...containersOf(template)
      .flatMap(({ envFrom = [] }) => envFrom)
      .map((source): [string, string | undefined] => ['ConfigMap', source.configMapRef?.name]),
  ];
  return found.flatMap(([kind, name]) => (name === undefined ? [] : [{ kind, name }]));
}

function unknownMounts({ object, template }: Workload): string[] {
  const claims = (object.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name);
  const known = [...claims, ...(template.spec?.volumes ?? []).map(({ name }) => name)];
  const mounts = containersOf(template).flatMap(({ volumeMounts = [] }) => volumeMounts);
  return mounts.map(({ name }) => name).filter((name) => !known.includes(name));
}

const withToken = (template: V1PodTemplateSpec): string[] =>
  containersOf(template)
    .filter(({ volumeMounts = [] }) => volumeMounts.some(({ mountPath }) => mountPath === tokenPath))
    .map(({ name }) => name);

/** By its settings: whatever image it is in. */
const withAgent = (template: V1PodTemplateSpec): string[] =>
  containersOf(template)
    .filter(({ env = [] }) => env.some(({ name }) => name === 'BARNABAS_VOLUME'))
    .map(({ name }) => name);

test('a pod that breaks the standard is found', () => {
  const bad: V1PodTemplateSpec = {
    spec: { hostPID: true, containers: [{ name: 'a' }], volumes: [{ name: 'v', hostPath: { path: '/' } }] },
  };
  assert.equal(violations(bad), [
    'hostPID',
    'volume v is a hostPath',
    'container a may escalate its privileges',
    'container a keeps capabilities',
    'container a may run as root',
    'container a has no seccomp profile',
  ]);
});

test.run();
