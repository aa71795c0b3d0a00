/** The component that elects preferred leaders again, beside the brokers, as it would reach a cluster. */
import type { V1CronJob, V1JobSpec } from '@kubernetes/client-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { electSettings } from '../../src/command-settings.ts';
import { readSettings } from '../../src/read-settings.ts';
import { wrongFields } from './fields.ts';
import { faultsOf } from './pod-security.ts';
import { dangling } from './references.ts';
import { renderWith, type Manifest } from './render.ts';
import type { PodTemplate, Workload } from './workloads.ts';

const test = suite('components/elect');
const manifests = renderWith('rwx', 'elect');
const cronJob = manifests.find(({ kind }) => kind === 'CronJob') as (Manifest & V1CronJob) | undefined;
const job = cronJob?.spec?.jobTemplate.spec as V1JobSpec & { template: PodTemplate };
const pod = job.template.spec;
const container = pod.containers[0] ?? { name: 'none' };

test('every field is one of the API', () => assert.equal(manifests.flatMap(wrongFields), []));

test('its pods satisfy Pod Security "restricted", with a read-only root and bounded memory', () => {
  assert.equal(faultsOf(job.template), []);
  assert.is(container.securityContext?.readOnlyRootFilesystem, true);
  assert.ok(container.resources?.limits?.['memory']);
});

test('it has no rights, no account of its own and no token', () => {
  assert.is(pod.automountServiceAccountToken, false);
  assert.is(pod.serviceAccountName, undefined);
  assert.is(pod.volumes, undefined);
});

test('whatever it names is there, and its pods are nobody else', () => {
  const { labels } = job.template.metadata ?? {};
  const spec = { selector: { matchLabels: labels ?? {} }, template: job.template };
  const others = manifests.filter((one) => one !== cronJob);
  const metadata = { name: 'elect-now', namespace: 'kafka' };
  assert.equal(dangling([...others, { kind: 'Job', metadata, spec } as Workload]), []);
  const brokers = { 'app.kubernetes.io/name': 'kafka', 'app.kubernetes.io/component': 'broker' };
  assert.not.ok(Object.entries(brokers).every(([key, value]) => labels?.[key] === value));
});

test('its command and settings are ones that the agent has, of the image of the brokers', () => {
  assert.equal(container.args, ['elect']);
  const environment = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]));
  const { settings, problems } = readSettings(electSettings, { flags: {}, environment });
  assert.equal(problems, []);
  assert.is(settings.bootstrap, 'kafka:9092');
  const sidecar = (manifests.find(({ kind }) => kind === 'ReplicaSet') as Workload | undefined)?.spec.template.spec;
  assert.is(container.image, sidecar?.initContainers?.[0]?.image);
});

test('one at a time, each bounded; and what no other try mends is not tried again', () => {
  assert.is(cronJob?.spec?.concurrencyPolicy, 'Forbid');
  assert.is(pod.restartPolicy, 'Never');
  const [rule] = job.podFailurePolicy?.rules ?? [];
  assert.equal(rule?.onExitCodes, { containerName: container.name, operator: 'In', values: [2, 3] });
  assert.ok((job.activeDeadlineSeconds ?? 0) > 0);
});

test.run();
