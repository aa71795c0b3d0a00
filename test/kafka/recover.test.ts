/** `recover` on a real cluster: a broker dies with its disk, another comes, and everything is as before with the one for the other. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  assignmentOf,
  checksums,
  elected,
  fillAll,
  inherited,
  isWhole,
  leadersOf,
  look,
  lose,
  replaced,
  setRecovery,
  throttlesOf,
  throttlesSeen,
  topics,
  type RecoveryScene,
} from './support/recovery-scene.ts';

const rate = (side: string): string => `${side}.replication.throttled.rate`;

for (const [version, mode] of [
  ['4.3.1', 'kraft'],
  ['3.9.2', 'zookeeper'],
] as const) {
  const test = suite<{ scene: RecoveryScene }>(`recover on Kafka ${version}`, {} as never);
  test.before(async (context) => {
    context.scene = await setRecovery({ version, mode }, { lonely: [[3]], theirs: [[1, 3]] });
    await fillAll(context.scene, 'orders', { partitions: topics.orders.length, bytes: 1_000_000 });
    await fillAll(context.scene, 'theirs', { partitions: 1, bytes: 3_000_000 });
  });
  test.after(({ scene }) => scene.clear());

  test('the whole story: throttled, with a dead broker, beside what can not heal and what others move', async ({
    scene,
  }) => {
    const { admin } = scene;
    const sums = await checksums(scene, 'orders');
    const before = await elected(scene);
    await admin.changeConfigs([
      { resource: { topic: 'orders' }, key: 'leader.replication.throttled.replicas', operation: 'set', value: '9:1' },
      { resource: { broker: 1 }, key: 'leader.replication.throttled.rate', operation: 'set', value: '7000000' },
    ]);
    const throttles = await throttlesSeen(scene, (all) => all['1']?.[rate('leader')] !== undefined);
    await lose(scene, 3);

    // Somebody else's move, that never ends by itself: broker 2 gets 1 byte a second.
    await admin.changeConfigs([
      { resource: { topic: 'theirs' }, key: 'follower.replication.throttled.replicas', operation: 'set', value: '0:2' },
      { resource: { broker: 2 }, key: 'follower.replication.throttled.rate', operation: 'set', value: '1' },
    ]);
    await admin.reassign([{ topic: 'theirs', partition: 0, replicas: [1, 2] }]);
    const theirs = await throttlesSeen(scene, (all) => all['2']?.[rate('follower')] !== undefined);

    const planned = await scene.recover('plan', '--replace', '3=4', '--plan', scene.file('plan.json'));
    assert.is(planned.status, 0, planned.stderr);
    assert.match(planned.stdout, /set apart: 1 partition \(lonely-0\): no live broker has a replica of it/);
    assert.match(planned.stdout, /set apart: 1 partition \(theirs-0\): it is being moved to 1,2 already/);

    const journal = ['--journal', scene.file('journal')];
    const plan = ['--plan', scene.file('plan.json')];
    const applied = await scene.recover(
      'apply',
      ...plan,
      ...journal,
      '--throttle',
      '3MB',
      '--batch-partitions',
      '4',
      '--yes',
    );
    assert.is(applied.status, 0, applied.stderr);

    const after = await look(scene);
    const concerned = ({ topic }: { topic: string }): boolean => !['lonely', 'theirs'].includes(topic);
    const only = (view: typeof after) => ({ ...view, partitions: view.partitions.filter(concerned) });
    assert.equal(assignmentOf(only(after)), replaced(assignmentOf(only(before))));
    assert.ok(isWhole(only(after)));
    assert.equal(leadersOf(only(after)), inherited(leadersOf(only(before))));
    assert.equal(await checksums(scene, 'orders'), sums);
    assert.equal(await throttlesOf(scene), theirs);
    assert.equal({ ...theirs['orders'], ...theirs['1'] }, { ...throttles['orders'], ...throttles['1'] });
    assert.equal(await admin.listReassignments().then((flights) => flights.map(({ topic }) => topic)), ['theirs']);
  });

  test.run();
}
