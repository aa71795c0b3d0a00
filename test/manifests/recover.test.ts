/** The component that replaces a lost id, beside the brokers, as it would reach a cluster. */
import type { V1ConfigMap, V1CronJob, V1JobSpec, V1Role } from '@kubernetes/client-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { recoverApplySettings } from '../../src/command-settings.ts';
import { readSettings } from '../../src/read-settings.ts';
import { wrongFields } from './fields.ts';
import { faultsOf } from './pod-security.ts';
import { dangling } from './references.ts';
import { renderWith, type Manifest } from './render.ts';
import type { PodTemplate, Workload } from './workloads.ts';

const test = suite('components/recover');
const manifests = renderWith('rwx', 'recover');
const named = (wanted: string): Manifest | undefined =>
  manifests.find(({ kind, metadata }) => `${kind} ${metadata.name}` === wanted);
const cronJob = named('CronJob kafka-recover') as (Manifest & V1CronJob) | undefined;
const job = cronJob?.spec?.jobTemplate.spec as V1JobSpec & { template: PodTemplate };
const container = job.template.spec.containers[0] ?? { name: 'none' };
const given = (named('ConfigMap kafka-recover') as V1ConfigMap | undefined)?.data ?? {};
const settingsWith = (more: Readonly<Record<string, string>>) => {
  const own = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]));
  return readSettings(recoverApplySettings, { flags: {}, environment: { ...own, ...given, ...more } });
};

test('every field is one of the API', () => assert.equal(manifests.flatMap(wrongFields), []));

test('its pods satisfy Pod Security "restricted", with a read-only root and bounded memory', () => {
  assert.equal(faultsOf(job.template), []);
  assert.is(container.securityContext?.readOnlyRootFilesystem, true);
  assert.ok(container.resources?.limits?.['memory']);
});

test('it never runs by itself, and without ids it would do nothing', () => {
  assert.is(cronJob?.spec?.suspend, true);
  assert.equal(settingsWith({}).settings.replace, []);
});

test('with ids it is what `recover apply` takes, and asks nobody', () => {
  assert.equal(container.args, ['recover', 'apply']);
  const { settings, problems } = settingsWith({ BARNABAS_REPLACE: '3=4' });
  assert.equal(problems, []);
  assert.equal([settings.replace, settings.yes, settings.throttle], [[{ old: 3, new: 4 }], true, 50_000_000]);
});

test('it may keep its journal, and nothing else', () => {
  const { rules = [] } = (named('Role kafka-recover') as V1Role | undefined) ?? {};
  const journal = settingsWith({}).settings.journal.replace('configmap/', '');
  const rights = rules.map(({ verbs, resources, resourceNames }) => [verbs, resources, resourceNames]);
  assert.equal(rights, [
    [['create'], ['configmaps'], undefined],
    [['get', 'update'], ['configmaps'], [journal]],
  ]);
});

test('whatever it names is there, and its pods are nobody else', () => {
  const { labels } = job.template.metadata ?? {};
  const spec = { selector: { matchLabels: labels ?? {} }, template: job.template };
  const others = manifests.filter((one) => one !== cronJob);
  const metadata = { name: 'recover-1', namespace: 'kafka' };
  assert.equal(dangling([...others, { kind: 'Job', metadata, spec } as Workload]), []);
});

test('what no other try mends is not tried again', () => {
  const [rule] = job.podFailurePolicy?.rules ?? [];
  assert.equal(rule?.onExitCodes, { containerName: container.name, operator: 'In', values: [2, 3] });
  assert.is(job.template.spec.restartPolicy, 'Never');
});

test.run();
