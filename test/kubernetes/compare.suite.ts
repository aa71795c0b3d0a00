/** The same brokers as pets of a ReplicaSet and as pods of a StatefulSet, one after the other on the same machine. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatTable } from '../../src/process/table.ts';
import { setField, type Field } from './field.ts';
import { heal, type Healing } from './healing.ts';
import { processOf, type BrokerPod } from './pods.ts';

interface Measured {
  readonly deleted: Healing;
  readonly killed: Healing;
  /** Containers that started again, beside the one that was killed. */
  readonly wasted: number;
}

const test = suite('a ReplicaSet of pets beside a StatefulSet');
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

test('a deleted pod and a killed broker, healed by each', async () => {
  const pets = await measure('minikube');
  const ordinals = await measure('statefulset');
  const row = (what: string, of: (measured: Measured) => number, limit: string): string[] => [
    what,
    seconds(of(pets)),
    seconds(of(ordinals)),
    (of(pets) / of(ordinals)).toFixed(2),
    limit,
  ];
  const rows = [
    row('kubectl delete pod, all in sync', ({ deleted }) => deleted.healedMs, 'within 0.90'),
    row('kill -9, every partition led', ({ killed }) => killed.leadersMs, 'within 2 s'),
    row('kill -9, all in sync', ({ killed }) => killed.healedMs, 'within 0.35'),
    ['starts in vain', String(pets.wasted), String(ordinals.wasted), '', '0'],
  ];
  process.stdout.write(`\n${formatTable(['', 'pets', 'StatefulSet', 'ratio', 'aim'], rows)}\n`);
  assert.is(pets.wasted, 0);
});

async function measure(overlay: string): Promise<Measured> {
  const field = await setField({ overlay });
  try {
    const first = await victimOf(field);
    const words = ['delete', 'pod', '-n', 'kafka', first.name, '--wait=false'];
    const deleted = await heal(field, first.brokerId ?? -1, () => field.cluster.kubectl(words));
    const second = await victimOf(field, first.brokerId);
    const killed = await heal(field, second.brokerId ?? -1, async () =>
      process.kill(await processOf(field.cluster, second, 'kafka'), 'SIGKILL'),
    );
    const restarts = (await field.settled()).reduce((sum, pod) => sum + pod.restarts, 0);
    const { lost, outOfOrder } = await field.load().settle(180_000);
    assert.equal({ lost, outOfOrder }, { lost: 0, outOfOrder: 0 });
    return { deleted, killed, wasted: restarts - 1 };
  } finally {
    await field.clear();
  }
}

/** Neither the controller nor one that was struck before: its container would be held back by the kubelet. */
async function victimOf(field: Field, struck?: number): Promise<BrokerPod> {
  await field.settled();
  const { controller } = await field.whole();
  return await field.podOf([0, 1, 2].find((id) => id !== controller && id !== struck) ?? 0);
}

test.run();
