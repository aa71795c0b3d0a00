/**
 * Every shipped overlay as a real API server takes it: no warning, and every pod of every workload admitted to the
 * restricted namespace. None of them runs: there are no volumes for them.
 */
import { join } from 'node:path';
import type { CoreV1Event, V1ReplicaSet } from '@kubernetes/client-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { waitFor } from '../../demo/cluster/wait.ts';
import { overlays, render, root } from '../manifests/render.ts';
import { workloadsOf, type Workload } from '../manifests/workloads.ts';
import { startCluster, type Cluster } from './cluster/cluster.ts';
import { builtFor } from './field.ts';

interface Context {
  cluster: Cluster;
}

const patienceMs = 60_000;

const test = suite<Context>('the API server admits every overlay', {} as Context);
test.before(async (context) => {
  context.cluster = await startCluster(builtFor());
});
test.after(({ cluster }) => cluster.stop());

for (const overlay of overlays) {
  test(`${overlay}: no warning, and no pod refused`, async ({ cluster }) => {
    const folder = join(root, 'manifests/overlays', overlay);
    await cluster.kubectl(['apply', '-k', folder, '--warnings-as-errors', '--validate=strict']);
    const workloads = workloadsOf(render(overlay));
    assert.ok(workloads.length >= 2, 'brokers and ZooKeeper at least');
    for (const workload of workloads) await admitted(workload, cluster);
    await cluster.kubectl(['delete', '-k', folder, '--timeout=60s']);
  });
}

/** All of a ReplicaSet's pods; of a StatefulSet's at least the first, which the others may wait for. */
async function admitted({ kind, metadata, spec }: Workload, cluster: Cluster): Promise<void> {
  const { namespace = '', name } = metadata;
  const wanted = kind === 'StatefulSet' ? 1 : (spec.replicas ?? 1);
  await waitFor(
    async () => {
      const found = await cluster.get<V1ReplicaSet>([kind, name, '-n', namespace]);
      const refused = await refusals(namespace, cluster);
      if (refused.length > 0) throw new Error(`${kind} ${name}: ${refused.join('; ')}`);
      return (found?.status?.replicas ?? 0) >= wanted || undefined;
    },
    { for: `the pods of ${kind} ${name}`, deadlineMs: patienceMs, everyMs: 200 },
  );
}

async function refusals(namespace: string, cluster: Cluster): Promise<string[]> {
  const words = ['events', '-n', namespace, '--field-selector', 'reason=FailedCreate'];
  const events = await cluster.get<{ readonly items: readonly CoreV1Event[] }>(words);
  return (events?.items ?? []).map(({ message = '' }) => message);
}

test('a pod that is not restricted is refused there, so admission means something', async ({ cluster }) => {
  const folder = join(root, 'manifests/overlays/minikube');
  await cluster.kubectl(['apply', '-k', folder]);
  const words = ['run', 'root', '-n', 'kafka', '--image', 'barnabas/agent:0.1.0'];
  const refusal = await cluster.kubectl(words).then(
    () => 'admitted',
    (error: unknown) => (error as Error).message,
  );
  assert.match(refusal, /violates PodSecurity "restricted/);
  await cluster.kubectl(['delete', '-k', folder, '--timeout=60s']);
});

test.run();
