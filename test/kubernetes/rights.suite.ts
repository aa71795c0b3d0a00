/** Each rule of the agent's rights is needed: without it the agent says what it can't do. */
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

interface Need {
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
  { resource: 'services', verb: 'create', says: /there is no Service of this broker id/, without: 'service/kafka-0' },
  { resource: 'configmaps', verb: 'get', says: /cannot learn which volume this must be/ },
  { resource: 'events', verb: 'create', says: /cannot write a Kubernetes event/ },
];

const test = suite<Context>('the rights of the agent', {} as Context);
test.before(async (context) => {
  context.field = await setField({ overlay: 'minikube' });
  await context.field.whole();
});
test.after(async ({ field }) => field.clear());

test('with all of its rights it complains of nothing, and every rule is looked at here', async ({ field }) => {
  for (const { name } of await field.pods()) assert.not.match(await log(field, name), /cannot |there is no Service/);
  const { rules } = await role(field);
  const asked = needs.map(({ resource }) => resource);
  for (const { resources } of rules) assert.ok(resources.every((resource) => asked.includes(resource)));
});

for (const need of needs) {
  test(`without ${need.verb} of ${need.resource} it says so`, async ({ field }) => {
    const { cluster } = field;
    const whole = await role(field);
    const victim = await field.podOf(0);
    if (need.without !== undefined) await cluster.kubectl(['delete', '-n', 'kafka', need.without]);
    await change(
      field,
      whole.rules.filter((rule) => !grants(rule, need)),
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
      await change(field, whole.rules);
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

const grants = ({ resources, verbs }: Rule, { resource, verb }: Need): boolean =>
  resources.includes(resource) && verbs.includes(verb);

async function role({ cluster }: Field): Promise<Role> {
  const found = await cluster.get<Role>(['role', '-n', 'kafka', 'kafka']);
  if (!found) throw new Error('there is no Role kafka');
  return found;
}

async function change({ cluster }: Field, rules: readonly Rule[]): Promise<void> {
  await cluster.kubectl(['patch', 'role', '-n', 'kafka', 'kafka', '--type=merge', '-p', JSON.stringify({ rules })]);
}

const log = ({ cluster }: Field, name: string): Promise<string> =>
  cluster.kubectl(['logs', '-n', 'kafka', name, '-c', 'barnabas']);

test.run();
