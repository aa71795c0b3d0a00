/** Each verb of the agent's rights is needed: without it the agent says what it can't do. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { waitFor } from '../../demo/cluster/wait.ts';
import { patienceMs, setField, type Field } from './field.ts';

interface Context {
  field: Field;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface Role {
  readonly rules: readonly Rule[];
}

/** Where a right is granted. */
type RoleName = 'role/kafka' | 'clusterrole/kafka-nodes';

interface Need {
  readonly role?: RoleName;
  readonly resource: string;
  readonly verb: string;
  /** What the agent says without it. */
  readonly says: RegExp;
  /** Has to be gone beforehand, or nobody would ask. */
  readonly without?: string;
}

const needs: readonly Need[] = [
  { resource: 'pods', verb: 'get', says: /cannot learn how many brokers there are.*pods .* is forbidden/ },
  { resource: 'pods', verb: 'patch', says: /cannot label this pod with its broker id.*cannot patch/ },
  { resource: 'replicasets', verb: 'get', says: /cannot learn how many brokers there are.*replicasets/ },
  { resource: 'services', verb: 'get', says: /no listener for clients outside.*services .* is forbidden/ },
  { resource: 'services', verb: 'create', says: /there is no Service of this broker id/, without: 'service/kafka-0' },
  { resource: 'configmaps', verb: 'get', says: /cannot learn which volume this must be/ },
  {
    ...{ resource: 'configmaps', verb: 'create', says: /cannot pin the uuid of the volume/ },
    without: 'configmap/kafka-volume',
  },
  {
    ...{ role: 'clusterrole/kafka-nodes', resource: 'nodes', verb: 'get' },
    says: /clients outside are told this address.*--host-ip, since/,
  },
  { resource: 'events', verb: 'create', says: /cannot write a Kubernetes event/ },
];

const test = suite<Context>('the rights of the agent', {} as Context);
test.before(async (context) => {
  context.field = await setField({ overlay: 'minikube', components: ['external-access'] });
  await context.field.whole();
});
test.after(async ({ field }) => field.clear());

test('with all of its rights it complains of nothing, and every verb is looked at here', async ({ field }) => {
  for (const { name } of await field.pods()) assert.not.match(await log(field, name), /cannot |there is no |since /);
  const granted = await Promise.all([rulesOf('role/kafka', field), rulesOf('clusterrole/kafka-nodes', field)]);
  const words = ({ resources, verbs }: Rule): string[] =>
    resources.flatMap((one) => verbs.map((verb) => `${verb} ${one}`));
  assert.equal(granted.flat().flatMap(words).sort(), needs.map(({ verb, resource }) => `${verb} ${resource}`).sort());
});

for (const need of needs) {
  test(`without ${need.verb} of ${need.resource} it says so`, async ({ field }) => {
    const { cluster } = field;
    const role = need.role ?? 'role/kafka';
    const rules = await rulesOf(role, field);
    const victim = await field.podOf(0);
    if (need.without !== undefined) await cluster.kubectl(['delete', '-n', 'kafka', need.without]);
    await change(
      role,
      rules.map((rule) => lessening(rule, need)).filter(({ verbs }) => verbs.length > 0),
      field,
    );
    try {
      const before = new Set((await field.pods()).map(({ uid }) => uid));
      await cluster.kubectl(['delete', 'pod', '-n', 'kafka', victim.name, '--wait=false']);
      const { name } = await waitFor(async () => (await field.pods()).find(({ uid }) => !before.has(uid)), {
        for: 'the replacement',
        deadlineMs: patienceMs,
        everyMs: 200,
      });
      await waitFor(async () => need.says.test(await log(field, name).catch(() => '')) || undefined, {
        for: `the agent of ${name} to say ${String(need.says)}`,
        deadlineMs: patienceMs,
        everyMs: 500,
      });
    } finally {
      await change(role, rules, field);
      await cluster.kubectl(['apply', '-k', field.manifests]);
    }
    await replaceUnlabelled(field);
    await field.whole();
  });
}

/** An agent that could not label its pod has told its broker to go by the pod's IP, and leaves it at that. */
async function replaceUnlabelled(field: Field): Promise<void> {
  for (const { name, brokerId } of await field.settled()) {
    if (brokerId === undefined) await field.cluster.kubectl(['delete', 'pod', '-n', 'kafka', name]);
  }
  await field.settled();
}

const lessening = (rule: Rule, { resource, verb }: Need): Rule =>
  rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((each) => each !== verb) } : rule;

async function rulesOf(name: RoleName, { cluster }: Field): Promise<readonly Rule[]> {
  const found = await cluster.get<Role>(['-n', 'kafka', name]);
  if (!found) throw new Error(`there is no ${name}`);
  return found.rules;
}

async function change(name: RoleName, rules: readonly Rule[], { cluster }: Field): Promise<void> {
  await cluster.kubectl(['patch', '-n', 'kafka', name, '--type=merge', '-p', JSON.stringify({ rules })]);
}

const log = ({ cluster }: Field, name: string): Promise<string> =>
  cluster.kubectl(['logs', '-n', 'kafka', name, '-c', 'barnabas']);

test.run();
