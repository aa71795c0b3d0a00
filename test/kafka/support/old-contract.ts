/** What Kafka does before it knew the requests (0.10.1): through ZooKeeper, and not without it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { waitFor } from '../../../demo/cluster/wait.ts';
import { parseAddresses } from '../../../src/domain/broker-address.ts';
import { openKafkaAdmin } from '../../../src/kafka/kafka-admin.ts';
import { createTopics, fill, partitionOf, seen, setScene, type AdminScene } from './admin-scene.ts';
import { failureOf, recordLog } from './scene.ts';

export function oldContract(version: string): void {
  const test = suite<{ scene: AdminScene }>(`Kafka ${version} through ZooKeeper`, {} as never);
  test.before(async (context) => {
    context.scene = await setScene({ version, mode: 'zookeeper', brokers: 3 });
    await createTopics(context.scene, { even: [[1, 2, 3]], odd: [[3, 1, 2]], moving: [[1, 2]], lonely: [[3]] });
  });
  test.after(({ scene }) => scene.clear());

  test('a look shows what such brokers tell', async ({ scene: { admin } }) => {
    const view = await seen(admin, 'all', ({ partitions }) => partitions.length === 4);
    assert.equal(view.brokers, [1, 2, 3]);
    assert.match(view.clusterId ?? '', /^[\w-]{22}$/);
    assert.ok([1, 2, 3].includes(view.controller ?? -1));
    const { isr, ...even } = partitionOf(view, 'even');
    assert.equal([...isr].sort(), [1, 2, 3]);
    assert.equal(even, { topic: 'even', partition: 0, leader: 1, replicas: [1, 2, 3], minIsr: 1, topicId: null });
    // Such brokers tell replicas as a set: the order is ZooKeeper's.
    assert.equal(partitionOf(view, 'odd').replicas, [3, 1, 2]);
  });

  test('without ZooKeeper it is told what lacks', async ({ scene: { kafka } }) => {
    const reach = { bootstrap: () => Promise.resolve(parseAddresses(kafka.bootstrap)) };
    const admin = openKafkaAdmin({ reach, log: recordLog() });
    const partitions = [{ topic: 'even', partition: 0 }];
    try {
      const failure = await failureOf(admin.elect({ type: 'preferred', partitions }));
      assert.is(failure.code, 'kafka-version');
      assert.is(
        failure.message,
        'cannot elect leaders in this cluster: its brokers do not know ElectLeaders, as Kafka does from 2.2 on; name its --zookeeper',
      );
      assert.match((await failureOf(admin.reassign([]))).message, /reassign partitions .* name its --zookeeper$/);
      assert.match((await failureOf(admin.elect({ type: 'unclean', partitions }))).message, /from Kafka 2\.4 on$/);
      assert.match((await failureOf(admin.describeLogDirs(1))).message, /from Kafka 1\.0 on$/);
      assert.is(await admin.describeQuorum(), undefined);
    } finally {
      await admin.close();
    }
  });

  test('configs', async ({ scene: { admin } }) => {
    const resource = { topic: 'moving' };
    const key = 'leader.replication.throttled.replicas';
    const [answer, none] = await admin.changeConfigs([
      { resource, key, operation: 'append', value: '0:1,0:2' },
      { resource, key, operation: 'subtract', value: '0:1' },
      { resource: { topic: 'no' }, key, operation: 'set', value: '*' },
    ]);
    assert.equal([answer?.problem, none?.problem?.name], [null, 'UNKNOWN_TOPIC_OR_PARTITION']);
    assert.equal(
      (await admin.readConfigs([resource], [key])).map((each) => [...each]),
      [[[key, '0:2']]],
    );
    await admin.changeConfigs([{ resource, key, operation: 'delete' }]);
    assert.is((await admin.readConfigs([resource], [key]))[0]?.size, 0);
  });

  test('a throttled move: begun, listed, not called off, and done', async ({ scene }) => {
    const { admin } = scene;
    await fill(scene, 'moving', 3_000_000);
    const rates = [1, 2, 3].flatMap((broker) =>
      ['leader', 'follower'].map((side) => ({
        ...{ resource: { broker }, key: `${side}.replication.throttled.rate`, value: '1000' },
      })),
    );
    const lists = ['leader', 'follower'].map((side) => ({
      ...{ resource: { topic: 'moving' }, key: `${side}.replication.throttled.replicas`, value: '*' },
    }));
    const throttle = [...rates, ...lists];
    await admin.changeConfigs(throttle.map((change) => ({ ...change, operation: 'set' as const })));
    const moving = { topic: 'moving', partition: 0 };
    assert.is(await admin.reassign([{ ...moving, replicas: [2, 3] }]), 'asked');
    await seen(admin, 'its begin', (view) => partitionOf(view, 'moving').replicas.length === 3);
    assert.equal(await admin.listReassignments(), [{ ...moving, replicas: [2, 3, 1], adding: [3], removing: [1] }]);
    assert.match((await failureOf(admin.reassign([{ ...moving, replicas: null }]))).message, /wait until it is done$/);
    assert.match((await failureOf(admin.reassign([{ ...moving, replicas: [1, 2] }]))).message, /others are under way/);
    await admin.changeConfigs(throttle.map(({ resource, key }) => ({ resource, key, operation: 'delete' as const })));
    await seen(admin, 'its end', (view) => partitionOf(view, 'moving').replicas.join() === '2,3');
    await waitFor(async () => (await admin.listReassignments()).length === 0 || undefined, {
      ...{ for: 'no reassignment', deadlineMs: 20_000 },
    });
  });

  test('wounded: one partition without a leader, and an election of the others', async ({ scene }) => {
    const { admin, kafka } = scene;
    await kafka.kill(1);
    await seen(admin, 'its loss', ({ brokers }) => brokers.join() === '2,3');
    await kafka.kill(3);
    await seen(admin, 'its loss, too', ({ brokers }) => brokers.join() === '2');
    await kafka.start(1);
    const view = await seen(admin, 'both', (look) => {
      const isBack = partitionOf(look, 'even').isr.includes(1);
      return isBack && partitionOf(look, 'lonely').leader < 0;
    });
    assert.is(partitionOf(view, 'even').leader, 2);
    const partitions = ['even', 'lonely'].map((topic) => ({ topic, partition: 0 }));
    assert.is(await admin.elect({ type: 'preferred', partitions }), 'asked');
    await seen(admin, 'the preferred leader', (look) => partitionOf(look, 'even').leader === 1);
  });

  test.run();
}
