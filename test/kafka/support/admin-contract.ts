/** What every Kafka does that knows the requests (2.4 and later), in one cluster of three brokers; the last test wounds it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { waitFor } from '../../../demo/cluster/wait.ts';
import { createTopics, fill, partitionOf, seen, setScene, type AdminScene } from './admin-scene.ts';
import type { KafkaOrder } from './kafka.ts';
import { failureOf } from './scene.ts';

const rate = '.replication.throttled.rate';
const throttled = '.replication.throttled.replicas';

export function adminContract(order: Pick<KafkaOrder, 'version' | 'mode'>): void {
  const { version, mode } = order;
  const isKraft = mode === 'kraft';
  const test = suite<{ scene: AdminScene }>(`Kafka ${version} (${mode})`, {} as never);
  test.before(async (context) => {
    context.scene = await setScene({ ...order, brokers: 3 });
    await createTopics(context.scene, {
      even: [
        [1, 2, 3],
        [2, 3, 1],
      ],
      moving: [[1, 2]],
      lonely: [[3]],
    });
  });
  test.after(({ scene }) => scene.clear());

  test('a look shows brokers, the controller, every partition', async ({ scene: { admin, kafka } }) => {
    const view = await seen(admin, 'all topics', ({ partitions }) => partitions.length === 4);
    assert.equal(view.brokers, [1, 2, 3]);
    const known = view.known.map(({ id, host, port, rack, fenced }) => [id, host, port, rack, fenced]);
    assert.equal(
      known,
      [...kafka.hosts].map(([id, host]) => [id, host, 9092, null, false]),
    );
    assert.is(view.controller === null, isKraft);
    assert.match(view.clusterId ?? '', /^[\w-]{22}$/);
    assert.equal(
      view.partitions.map(({ topic, partition }) => `${topic}-${partition}`),
      [...['even-0', 'even-1', 'lonely-0', 'moving-0']],
    );
    const even = partitionOf(view, 'even', 1);
    assert.equal([even.leader, even.replicas, even.minIsr], [2, [2, 3, 1], 1]);
    assert.match(even.topicId ?? '', /^[\w-]{22}$/);
  });

  test('configs: set, append, subtract, delete; only what was set on the resource is read', async ({ scene }) => {
    const { admin } = scene;
    const topic = { topic: 'even' };
    const keys = ['min.insync.replicas', `leader${throttled}`, 'retention.ms'];
    const read = async () => Object.fromEntries((await admin.readConfigs([topic], keys))[0] ?? []);
    assert.equal(await read(), {});
    const changed = await admin.changeConfigs([
      { resource: topic, key: 'min.insync.replicas', operation: 'set', value: '2' },
      { resource: topic, key: `leader${throttled}`, operation: 'append', value: '0:1,0:2' },
      { resource: { broker: 2 }, key: `leader${rate}`, operation: 'set', value: '1000' },
    ]);
    assert.equal(changed, [
      { resource: topic, problem: null },
      { resource: { broker: 2 }, problem: null },
    ]);
    const append = { resource: topic, key: `leader${throttled}`, operation: 'append', value: '1:3' } as const;
    await until(async () => 'min.insync.replicas' in (await read()));
    await admin.changeConfigs([append]);
    await admin.changeConfigs([{ ...append, operation: 'subtract', value: '0:1' }]);
    await until(async () => (await read())[`leader${throttled}`] === '0:2,1:3');
    assert.equal(await read(), { 'min.insync.replicas': '2', [`leader${throttled}`]: '0:2,1:3' });
    await seen(admin, 'the new minimum', (view) => partitionOf(view, 'even').minIsr === 2);
    const brokers = [{ broker: 2 }, { broker: 1 }, topic];
    await until(async () => (await admin.readConfigs(brokers, [`leader${rate}`]))[0]?.get(`leader${rate}`) === '1000');
    assert.equal(
      (await admin.readConfigs(brokers, [`leader${rate}`])).map((each) => each.size),
      [1, 0, 0],
    );
    await admin.changeConfigs([
      ...keys.slice(0, 2).map((key) => ({ resource: topic, key, operation: 'delete' as const })),
      { resource: { broker: 2 }, key: `leader${rate}`, operation: 'delete' },
    ]);
    await until(async () => Object.keys(await read()).length === 0);
  });

  test('configs that are refused are told one by one; a topic that is not there has none', async ({ scene }) => {
    const set = (resource: { topic: string } | { broker: number }, value: string) =>
      ({ resource, key: 'min.insync.replicas', operation: 'set', value }) as const;
    const { admin } = scene;
    const answers = await admin.changeConfigs([
      set({ topic: 'even' }, 'x'),
      set({ topic: 'no' }, '1'),
      set({ broker: 9 }, '1'),
    ]);
    assert.equal(
      answers.map(({ problem }) => problem?.name.replace('INVALID_REQUEST', 'INVALID_CONFIG')),
      ['INVALID_CONFIG', 'UNKNOWN_TOPIC_OR_PARTITION', 'BROKER_NOT_AVAILABLE'],
    );
    assert.equal((await admin.readConfigs([{ topic: 'no' }], ['retention.ms']))[0]?.size, 0);
  });

  test('a move: begun, listed, called off; begun again, and done', async ({ scene }) => {
    const { admin } = scene;
    await fill(scene, 'moving', 3_000_000);
    const slow = [1, 2, 3].flatMap((broker) =>
      ['leader', 'follower'].map((side) => ({ resource: { broker }, key: `${side}${rate}`, value: '1000' })),
    );
    const lists = ['leader', 'follower'].map((side) => ({
      resource: { topic: 'moving' },
      key: `${side}${throttled}`,
      value: '*',
    }));
    await admin.changeConfigs([...slow, ...lists].map((change) => ({ ...change, operation: 'set' as const })));
    const moving = { topic: 'moving', partition: 0 };
    assert.equal(await admin.reassign([{ ...moving, replicas: [2, 3] }]), [{ ...moving, problem: null }]);
    await until(async () => (await admin.listReassignments()).length > 0);
    assert.equal(await admin.listReassignments(), [{ ...moving, replicas: [2, 3, 1], adding: [3], removing: [1] }]);
    assert.equal(await admin.reassign([{ ...moving, replicas: null }]), [{ ...moving, problem: null }]);
    await until(async () => (await admin.listReassignments()).length === 0);
    // The old ones, in the order that the target gave them: Kafka forgets the old order.
    await seen(admin, 'the old replicas', (view) => partitionOf(view, 'moving').replicas.join() === '2,1');
    const again = await admin.reassign([{ ...moving, replicas: null }]);
    assert.is(again !== 'asked' && again[0]?.problem?.name, 'NO_REASSIGNMENT_IN_PROGRESS');
    await admin.changeConfigs(
      [...slow, ...lists].map(({ resource, key }) => ({ resource, key, operation: 'delete' as const })),
    );
    await admin.reassign([{ ...moving, replicas: [2, 3] }]);
    await seen(admin, 'the new replicas', (view) => partitionOf(view, 'moving').isr.join() === '2,3');
    assert.equal(await admin.listReassignments(), []);
  });

  test('a move to nowhere is refused', async ({ scene: { admin } }) => {
    const answers = await admin.reassign([
      { topic: 'even', partition: 0, replicas: [1, 2, 9] },
      { topic: 'even', partition: 7, replicas: [1] },
    ]);
    assert.ok(answers !== 'asked');
    assert.equal(
      answers.map(({ problem }) => problem?.name),
      ['INVALID_REPLICA_ASSIGNMENT', 'UNKNOWN_TOPIC_OR_PARTITION'],
    );
  });

  test('sizes on the disks of one broker', async ({ scene: { admin } }) => {
    const [logDir, ...others] = await admin.describeLogDirs(2);
    assert.is(others.length, 0);
    const replica = logDir?.replicas.find(({ topic }) => topic === 'moving');
    assert.ok((replica?.bytes ?? 0) > 3_000_000);
    assert.not(replica?.isFuture);
    assert.match(logDir?.path ?? '', /data-2$/);
    const sized = (logDir?.totalBytes ?? 0) > (logDir?.usableBytes ?? 0) && logDir?.usableBytes !== null;
    assert.is(sized, version >= '3.3');
    assert.is((await failureOf(admin.describeLogDirs(9))).message, 'cannot ask broker 9: it is not in the cluster now');
  });

  test(`the quorum is ${isKraft ? 'told' : 'none'}`, async ({ scene: { admin, kafka } }) => {
    const quorum = await admin.describeQuorum();
    assert.is(quorum !== undefined, isKraft);
    if (!quorum) return;
    assert.is(quorum.leader, 1);
    assert.equal(
      quorum.voters.map(({ id }) => id),
      [1],
    );
    assert.equal(quorum.observers.map(({ id }) => id).sort(), [2, 3]);
    for (const { id, directoryId, logEndOffset, lastFetchMs } of quorum.observers) {
      const text = readFileSync(join(kafka.directory, `data-${id}`, 'meta.properties'), 'utf8');
      assert.match(text, `directory.id=${directoryId ?? ''}\n`);
      assert.ok(logEndOffset > 0);
      assert.ok(Math.abs(lastFetchMs - Date.now()) < 60_000);
    }
  });

  test('wounded: one broker away, one partition without a leader; all else goes on', async ({ scene }) => {
    const { admin, kafka } = scene;
    await kafka.kill(3);
    const view = await seen(admin, 'its loss', ({ brokers }) => brokers.join() === '1,2');
    assert.is((await seen(admin, 'no leader', (look) => partitionOf(look, 'lonely').leader < 0)).partitions.length, 4);
    assert.equal(
      view.known.filter(({ fenced }) => fenced).map(({ id }) => id),
      isKraft && version >= '4' ? [3] : [],
    );
    const three = [
      { topic: 'even', partition: 0 },
      { topic: 'lonely', partition: 0 },
      { topic: 'no', partition: 0 },
    ];
    const answers = await admin.elect({ type: 'preferred', partitions: three });
    assert.ok(answers !== 'asked');
    const problems = Object.fromEntries(answers.map(({ topic, problem }) => [topic, problem?.name]));
    assert.equal(problems, {
      even: 'ELECTION_NOT_NEEDED',
      lonely: 'PREFERRED_LEADER_NOT_AVAILABLE',
      no: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    const unclean = await admin.elect({ type: 'unclean', partitions: [{ topic: 'lonely', partition: 0 }] });
    assert.is(unclean !== 'asked' && unclean[0]?.problem?.name, 'ELIGIBLE_LEADERS_NOT_AVAILABLE');
    assert.equal(await admin.listReassignments(), []);
    assert.is((await admin.describeLogDirs(1)).length, 1);
    assert.is((await admin.readConfigs([{ topic: 'lonely' }], ['retention.ms'])).length, 1);
  });

  test(isKraft ? 'a dead broker is unregistered once' : 'nobody is unregistered', async ({ scene: { admin } }) => {
    if (!isKraft) {
      assert.is((await failureOf(admin.unregister(3))).code, 'kafka-version');
      return;
    }
    assert.is(await admin.unregister(3), 'done');
    assert.is(await admin.unregister(3), 'not-registered');
    await seen(admin, 'it to be forgotten', ({ known }) => known.length === 2);
  });

  test('back again, it is elected where it is preferred', async ({ scene: { admin, kafka } }) => {
    await kafka.start(3);
    const back = await seen(admin, 'all in sync', ({ partitions }) =>
      partitions.every(({ isr, replicas, leader }) => leader >= 0 && isr.length === replicas.length),
    );
    assert.equal(back.brokers, [1, 2, 3]);
    await admin.reassign([{ topic: 'even', partition: 0, replicas: [3, 1, 2] }]);
    await seen(admin, 'the new order', (look) => partitionOf(look, 'even').replicas.join() === '3,1,2');
    assert.equal(await admin.elect({ type: 'preferred', partitions: [{ topic: 'even', partition: 0 }] }), [
      { topic: 'even', partition: 0, problem: null },
    ]);
    await seen(admin, 'the new leader', (look) => partitionOf(look, 'even').leader === 3);
  });

  test.run();
}

const until = (holds: () => Promise<boolean>): Promise<true> =>
  waitFor(async () => (await holds()) || undefined, { for: 'it to be so', deadlineMs: 20_000, everyMs: 50 });
