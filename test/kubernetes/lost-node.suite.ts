/**
 * A lost Kubernetes node: its kubelet and its containerd are frozen, and its pods run on, unheard of. Both nodes are one
 * machine, so what the zombie's own guard does is seen in the process table.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { waitFor } from '../../demo/cluster/wait.ts';
import { patienceMs, setField, type Field } from './field.ts';
import { liveBrokers, processOf, type BrokerPod } from './pods.ts';

interface Context {
  field: Field;
}

const outOfService = 'node.kubernetes.io/out-of-service';
/** How long the replacement is watched while the zombie lives: many rounds of its claim. */
const watchMs = 15_000;

const test = suite<Context>('a lost Kubernetes node', {} as Context);
test.before(async (context) => {
  context.field = await setField({ overlay: 'minikube', patienceS: 15 });
  await context.field.whole();
});
test.after(async ({ field }) => field.clear());

test('its broker keeps its id while it lives, dies by its own guard once the node is declared over, and is succeeded', async ({
  field,
}) => {
  const { cluster } = field;
  const second = await cluster.addNode('node2');
  const zombie = await moveTo('node2', field);
  const id = zombie.brokerId ?? -1;
  const process = await processOf(cluster, zombie, 'kafka');

  second.kubelet.signal('SIGSTOP');
  second.containerd.signal('SIGSTOP');
  try {
    const replacement = await waitFor(() => replacementOf(zombie, field), {
      for: 'the replacement of a pod on the lost node',
      deadlineMs: patienceMs,
      everyMs: 500,
    });
    say(`the replacement ${replacement.name} runs beside the zombie`);
    await delay(watchMs);
    assert.equal(liveBrokers().get(id), [process], 'the zombie lives, and is alone');
    assert.is((await field.pods()).find(({ uid }) => uid === replacement.uid)?.brokerId, undefined);
    assert.match(await agentLog(field, replacement), /waiting for a broker id/);

    await cluster.kubectl(['taint', 'node', 'node2', `${outOfService}=lost:NoExecute`]);
    const fromMs = performance.now();
    await waitFor(() => !(liveBrokers().get(id) ?? []).includes(process) || undefined, {
      for: 'the end of the zombie',
      deadlineMs: patienceMs,
    });
    say(
      `the zombie died by its own guard ${Math.round(performance.now() - fromMs)} ms after its node was declared over`,
    );
    await field.settled();
    await field.whole();
    assert.is((await field.podOf(id)).uid, replacement.uid);
    assert.match(await agentLog(field, replacement), /evidence=asserted/);
    assert.equal(field.doubles(), []);
  } finally {
    second.containerd.signal('SIGCONT');
    second.kubelet.signal('SIGCONT');
  }
  const counts = await field.load().settle(patienceMs);
  assert.is(counts.lost, 0);
  assert.is(counts.outOfOrder, 0);
});

const say = (line: string): void => void process.stdout.write(`  ${line}\n`);

/** A broker is deleted while the first node takes nothing, so that its replacement starts on the second. */
async function moveTo(node: string, field: Field): Promise<BrokerPod> {
  const { cluster } = field;
  const { controller } = await field.whole();
  const moved = (controller + 1) % 3;
  await cluster.kubectl(['cordon', 'node1']);
  await cluster.kubectl(['delete', 'pod', '-n', 'kafka', (await field.podOf(moved)).name, '--wait=false']);
  const pod = await waitFor(
    async () => (await field.pods()).find((each) => each.node === node && each.brokerId === moved && each.ready),
    { for: `a ready broker on ${node}`, deadlineMs: patienceMs, everyMs: 500 },
  );
  await cluster.kubectl(['uncordon', 'node1']);
  await field.whole();
  return pod;
}

async function replacementOf(zombie: BrokerPod, field: Field): Promise<BrokerPod | undefined> {
  const pods = await field.pods();
  const isLeaving = pods.some(({ uid, deleting }) => uid === zombie.uid && deleting);
  return isLeaving ? pods.find((pod) => pod.node === 'node1' && pod.brokerId === undefined) : undefined;
}

const agentLog = ({ cluster }: Field, { name }: BrokerPod): Promise<string> =>
  cluster.kubectl(['logs', '-n', 'kafka', name, '-c', 'barnabas']);

test.run();
