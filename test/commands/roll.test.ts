/** The steps of a roll, on a cluster that takes its time to heal. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rollCommand } from '../../src/commands/roll.ts';
import type { FleetPod } from '../../src/domain/fleet/fleet.ts';
import type { KafkaLook } from '../../src/domain/kafka-view.ts';
import { BarnabasError } from '../../src/errors.ts';
import type { World } from '../../src/ports.ts';
import type { BrokerPods } from '../../src/ports-cluster.ts';
import { minutesAgo, owner, podOf } from '../domain/fleet/fleet-of.ts';

const test = suite('roll');
const template = { ...owner.template, labels: { version: '2' } };
const current = (pod: FleetPod): boolean => pod.mould.labels['version'] === '2';

/** Every wait of a second moves it on: a pod ends after 3, its successor is ready 4 later, and in sync 5 later. */
function cluster(pods: FleetPod[], { heals = true, stale = false } = {}) {
  const deleted: string[] = [];
  const faults: string[] = [];
  let nowS = 0;
  let goneAt = -Infinity;
  let looks = 0;
  const outOfSync = (): boolean => nowS < goneAt + 9;
  const look = (): KafkaLook => {
    looks += 1;
    // Every other look is of a broker that has not heard yet.
    const isr = outOfSync() && !(stale && looks % 2 === 0) ? [0, 1] : [0, 1, 2];
    const partition = { topic: 'orders', partition: 0, leader: 0, replicas: [0, 1, 2], isr, minIsr: 2, topicId: null };
    const brokers = pods.flatMap(({ ready, brokerId }) => (ready ? (brokerId ?? []) : []));
    return { kind: 'seen', view: { clusterId: null, known: [], brokers, controller: 1, partitions: [partition] } };
  };
  const brokerPods: BrokerPods = {
    list: () =>
      Promise.resolve({ namespace: 'pets', owners: [{ ...owner, template, templateAt: minutesAgo(1) }], pods }),
    events: () => Promise.resolve([]),
    services: () => Promise.resolve([]),
    dial: () => {
      throw new Error('no connections');
    },
    deletePod({ name, uid }) {
      const victim = pods.find((pod) => pod.uid === uid);
      if (!victim) return Promise.resolve('gone');
      if (victim.ready && outOfSync()) faults.push(`${name} was deleted out of sync`);
      deleted.push(name);
      goneAt = victim.brokerId === null ? -Infinity : nowS + 3;
      pods = pods.map((pod) => (pod === victim ? { ...pod, deletingUntil: minutesAgo(-1) } : pod));
      return Promise.resolve('deleted');
    },
  };
  const successor = ({ brokerId }: FleetPod): FleetPod =>
    podOf(brokerId, { name: `new-${brokerId ?? 'x'}`, uid: `new-${brokerId ?? 'x'}`, ready: false, mould: template });
  const tick = (): void => {
    nowS += 1;
    if (nowS >= goneAt) pods = pods.flatMap((pod) => (pod.deletingUntil === null ? [pod] : [successor(pod)]));
    if (heals && nowS >= goneAt + 4)
      pods = pods.map((pod) => (current(pod) && pod.brokerId !== null ? { ...pod, ready: true } : pod));
  };
  const printed: string[] = [];
  const world = {
    clock: {
      nowMs: () => nowS * 1000,
      pause: () => {
        tick();
        return Promise.resolve();
      },
    },
    log: { info: () => undefined, warn: (message: string) => faults.push(message) },
    output: {
      print: (text: string) => printed.push(text),
      table: (_head: unknown, rows: readonly (readonly string[])[]) => {
        printed.push(...rows.map((row) => row.join(' ')));
        return Promise.resolve();
      },
    },
    signal: new AbortController().signal,
    brokerPods: () => Promise.resolve(brokerPods),
    openKafka: () => Promise.resolve({ look: () => Promise.resolve(look()), close: () => Promise.resolve() }),
  } as unknown as World;
  return { world, deleted, faults, printed, pods: () => pods };
}

const settings = {
  ...{ namespace: undefined, context: undefined, kubeconfig: undefined, all: false, bootstrap: undefined },
  ...{ commandConfig: undefined, securityProtocol: undefined, tlsCa: undefined, tlsCert: undefined, tlsKey: undefined },
  ...{ saslMechanism: undefined, saslUser: undefined, saslPassword: undefined, saslPasswordFile: undefined },
  ...{ wait: 60_000, dryRun: false, logFormat: 'text' as const },
};
const roll = (world: World, differences: Partial<typeof settings> = {}): Promise<number> =>
  rollCommand({ settings: { ...settings, ...differences }, asked: undefined }, { world, problems: [] });
const three = (): FleetPod[] => [podOf(0), podOf(1), podOf(2)];

test('one broker after the other, each only when all is whole, the controller last', async () => {
  const { world, deleted, faults, printed, pods } = cluster(three());
  assert.is(await roll(world), 0);
  assert.equal(deleted, ['kafka-2', 'kafka-0', 'kafka-1']);
  assert.equal(faults, []);
  assert.ok(pods().every(current));
  assert.equal(printed, ['rolled ReplicaSet kafka: 3 pods replaced, every replica in sync']);
});

test('one broker that tells of times gone by is not believed', async () => {
  const { world, deleted, faults } = cluster(three(), { stale: true });
  assert.is(await roll(world), 0);
  assert.is(deleted.length, 3);
  assert.equal(faults, []);
});

test('run again it goes on with those that are left; then there is nothing to do', async () => {
  const half = [podOf(0, { mould: template }), podOf(1), podOf(2, { mould: template })];
  const { world, deleted, printed } = cluster(half);
  assert.is(await roll(world), 0);
  assert.is(await roll(world), 0);
  assert.equal(deleted, ['kafka-1']);
  assert.is(printed.at(-1), 'every pod of ReplicaSet kafka is of its current template');
});

test('--all replaces every pod', async () => {
  const { world, deleted } = cluster(three().map((pod) => ({ ...pod, mould: template })));
  assert.is(await roll(world, { all: true }), 0);
  assert.is(deleted.length, 3);
});

test('--dry-run prints the plan, and deletes nothing', async () => {
  const { world, deleted, printed } = cluster(three());
  assert.is(await roll(world, { dryRun: true }), 0);
  assert.equal(deleted, []);
  assert.equal(printed, [
    '1 kafka-2 2 leads 0 labels.version',
    '2 kafka-0 0 leads 1 labels.version',
    '3 kafka-1 1 controller, leads 0 labels.version',
  ]);
});

test('a pod that the template itself keeps from getting well is replaced at once', async () => {
  const sick = [podOf(0, { ready: false }), podOf(1, { mould: template }), podOf(2, { mould: template })];
  const { world, deleted } = cluster(sick);
  assert.is(await roll(world), 0);
  assert.equal(deleted, ['kafka-0']);
});

test('a template that makes brokers sick costs one of them, and the deadline says which', async () => {
  const { world, deleted } = cluster(three(), { heals: false });
  const error = await roll(world).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, BarnabasError);
  const { message, exitStatus } = error as BarnabasError;
  assert.match(
    message,
    /cannot roll on: pod new-2 with broker id 2 is not ready; waited 60 s\. .*run it again to go on/,
  );
  assert.is(exitStatus, 4);
  assert.equal(deleted, ['kafka-2']);
});

test.run();
