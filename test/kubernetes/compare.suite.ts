/** The same brokers as pets of a ReplicaSet and as pods of a StatefulSet, one after the other on the same machine. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatTable } from '../../src/process/table.ts';
import { setField, type Field } from './field.ts';
import { heal, type Healing } from './healing.ts';
import { processOf, type BrokerPod } from './pods.ts';

interface Round {
  readonly deleted: Healing;
  readonly killed: Healing;
  /** Containers that started again, beside the one that was killed. */
  readonly wasted: number;
}

/** Of a few rounds the one in the middle counts: the first is of brokers that have only just started. */
const rounds = 3;

const test = suite('a ReplicaSet of pets beside a StatefulSet');
const seconds = (ms: number): string => (ms / 1000).toFixed(1);

test('a deleted pod and a killed broker, healed by each', async () => {
  const pets = await measure('minikube');
  const ordinals = await measure('statefulset');
  const row = (what: string, of: (round: Round) => number, aim: string): string[] => {
    const [mine, theirs] = [pets.map(of), ordinals.map(of)];
    return [what, told(mine), told(theirs), (median(mine) / median(theirs)).toFixed(2), aim];
  };
  const sum = (all: readonly Round[]): number => all.reduce((total, { wasted }) => total + wasted, 0);
  const rows = [
    row('kubectl delete pod, all in sync', ({ deleted }) => deleted.healedMs, 'within 0.90'),
    row('kill -9, every partition led', ({ killed }) => killed.leadersMs, 'within 2 s'),
    row('kill -9, all in sync', ({ killed }) => killed.healedMs, 'within 0.35'),
    ['starts in vain', String(sum(pets)), String(sum(ordinals)), '', '0'],
  ];
  process.stdout.write(`\n${formatTable(['seconds', 'pets', 'StatefulSet', 'ratio', 'aim'], rows)}\n`);
  assert.is(sum(pets), 0);
});

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
const told = (ms: readonly number[]): string => `${seconds(median(ms))} (${ms.map(seconds).join(', ')})`;

async function measure(overlay: string): Promise<Round[]> {
  const field = await setField({ overlay });
  try {
    const measured: Round[] = [];
    // Whoever was killed is deleted next: the kubelet would hold a container back that dies a second time.
    let next: number | undefined;
    while (measured.length < rounds) {
      const first = await victimOf(field, (id) => next === undefined || id === next);
      const words = ['delete', 'pod', '-n', 'kafka', first.name, '--wait=false'];
      const deleted = await heal(field, idOf(first), () => field.cluster.kubectl(words));
      const second = await victimOf(field, (id) => id !== first.brokerId);
      const killed = await heal(field, idOf(second), async () =>
        process.kill(await processOf(field.cluster, second, 'kafka'), 'SIGKILL'),
      );
      const restarts = (await field.settled()).reduce((sum, pod) => sum + pod.restarts, 0);
      measured.push({ deleted, killed, wasted: restarts - 1 });
      next = idOf(second);
    }
    const { lost, outOfOrder } = await field.load().settle(180_000);
    assert.equal({ lost, outOfOrder }, { lost: 0, outOfOrder: 0 });
    return measured;
  } finally {
    await field.clear();
  }
}

const idOf = ({ brokerId }: BrokerPod): number => brokerId ?? -1;

/** Not the controller: with it, another time would be measured. */
async function victimOf(field: Field, isMeant: (id: number) => boolean): Promise<BrokerPod> {
  await field.settled();
  const { controller } = await field.whole();
  return await field.podOf([0, 1, 2].find((id) => id !== controller && isMeant(id)) ?? 0);
}

test.run();
