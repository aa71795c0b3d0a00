/** Recoveries on real clusters, cut off again and again: with ZooKeeper and without. `npm run test:recover`. */
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual, promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { smallJvm } from '../../demo/cluster/jars.ts';
import { seen } from './support/admin-scene.ts';
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
  recordFlights,
  replaced,
  setRecovery,
  throttlesOf,
  throttlesSeen,
  topics,
  type RecoveryScene,
} from './support/recovery-scene.ts';

const partitions = topics.orders.length;
const clusters = [
  ['3.9.2', 'zookeeper'],
  ['4.3.1', 'kraft'],
] as const;
/** For a quick look. */
const rounds = Number(process.env['BARNABAS_TEST_ROUNDS'] ?? 20);
const wanted = process.env['BARNABAS_TEST_RECOVER']?.split(' ');

const without = <T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
const pick = <T>(record: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => keys.includes(name)));

const tool = 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand';

async function reassignPartitions({ kafka }: RecoveryScene, ...words: string[]): Promise<string> {
  const java = [...smallJvm(128), '-cp', kafka.jars.classPath, tool, '--bootstrap-server', kafka.bootstrap];
  return (await promisify(execFile)('java', [...java, ...words])).stdout;
}

for (const [version, mode] of clusters.filter(([, each]) => wanted?.includes(each) ?? true)) {
  const test = suite<{ scene: RecoveryScene }>(`recover on Kafka ${version} (${mode})`, {} as never);
  test.before(async (context) => {
    context.scene = await setRecovery({ version, mode });
    await fillAll(context.scene, 'orders', { partitions, bytes: 2_000_000 });
    const { admin } = context.scene;
    // Somebody else's settings, which must stand there in the end.
    await admin.changeConfigs([
      { resource: { topic: 'orders' }, key: 'leader.replication.throttled.replicas', operation: 'set', value: '9:1' },
      {
        resource: { topic: 'untouched' },
        key: 'follower.replication.throttled.replicas',
        operation: 'set',
        value: '*',
      },
      { resource: { broker: 2 }, key: 'leader.replication.throttled.rate', operation: 'set', value: '50000000' },
    ]);
    await throttlesSeen(context.scene, (all) => Object.keys(all['2'] ?? {}).length > 0);
  });
  test.after(({ scene }) => scene.clear());

  /** With both brokers there: a plan by force, carried out a little way, and called off. */
  test('SIGKILL at 20 random points of a throttled move, then abort: the exact original, and no throttle left', async ({
    scene,
  }) => {
    const before = await elected(scene);
    const throttles = await throttlesOf(scene);
    const journal = ['--journal', scene.file('abort.journal')];
    const ends: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const run = scene.startRecover('apply', '--replace', '3=4', '--force', '--yes', '--throttle', '2MB', ...journal);
      // Some before the copies begin: it watches producers for 5 s first.
      const [from, ms] = round % 4 === 0 ? [/watching/, randomInt(4500, 6500)] : [/copying/, randomInt(0, 9000)];
      await run.logged(from, 60_000);
      await Promise.race([run.finished, delay(ms)]);
      run.child.kill('SIGKILL');
      const cut = await run.finished;
      const aborted = await scene.recover('abort', ...journal);
      const note = `round ${round}, after ${ms} ms (${cut.status}), abort: ${aborted.status}\n${cut.stderr}${aborted.stderr}`;
      ends.push(`${ms} ms: ${aborted.stdout.trim()}`);
      // Finished before the blow, or not begun: there is nothing to call off.
      const isDone = cut.status === 0 || /is done/.test(aborted.stderr);
      if (isDone) {
        await scene.admin.reassign(before.partitions);
        await seen(scene.admin, 'all as before', (now) => isDeepStrictEqual(assignmentOf(now), assignmentOf(before)));
      } else if (!/there is no recovery/.test(aborted.stderr)) assert.is(aborted.status, 0, note);
      const now = await look(scene);
      assert.equal(assignmentOf(now), assignmentOf(before), note);
      assert.equal(await throttlesOf(scene), throttles, note);
      assert.equal(await scene.admin.listReassignments(), []);
    }
    process.stdout.write(`${ends.join('\n')}\n`);
    assert.equal(assignmentOf(await look(scene)), assignmentOf(before));
    await elected(scene);
  });

  test("Kafka's own tool reads a plan, and finds nothing of it done", async ({ scene }) => {
    const file = scene.file('plan.json');
    const planned = await scene.recover('plan', '--replace', '3=4', '--force', '--plan', file);
    assert.is(planned.status, 0, planned.stderr);
    const told = await reassignPartitions(scene, '--verify', '--preserve-throttles', '--reassignment-json-file', file);
    assert.match(told, /partition orders-0, but replica set is 3,1,2 rather than 4,1,2/);
    assert.is(told.match(/rather than/g)?.length, Object.values(topics).flat().length - topics.untouched.length);
  });

  test('a dead OLD: abort in the middle leaves what is in flight in the exact order, though Kafka cancels it into another', async ({
    scene,
  }) => {
    const before = await elected(scene);
    const throttles = await throttlesOf(scene);
    await lose(scene, 3, 'kept');
    const journal = ['--journal', scene.file('dead.journal')];
    const run = scene.startRecover('apply', '--replace', '3=4', '--yes', '--throttle', '200kB', ...journal);
    await seen(scene.admin, 'the moves', ({ partitions: all }) =>
      all.some(({ replicas }) => replicas.includes(3) && replicas.includes(4)),
    );
    run.child.kill('SIGTERM');
    const stopped = await run.finished;
    assert.is(stopped.status, 143, stopped.stderr);
    const aborted = await scene.recover('abort', ...journal);
    assert.is(aborted.status, 0, aborted.stderr);
    const now = assignmentOf(await look(scene));
    // What was done at once stays: nobody is there that it could go back to. Kafka's throttle lets the first answers through.
    const planned = replaced(assignmentOf(before));
    const kept = Object.keys(now).filter((name) => now[name] === planned[name]);
    assert.equal({ ...now, ...pick(assignmentOf(before), kept) }, assignmentOf(before));
    const told = `${kept.join()}\n${stopped.stderr}${aborted.stderr}${aborted.stdout}${new Date().toISOString()}`;
    assert.ok(kept.filter((name) => name.startsWith('orders-')).length < partitions, told);
    assert.equal(await throttlesOf(scene), without(throttles, '3'));
    await scene.kafka.start(3);
    await elected(scene);
  });

  test('OLD dead and its disk gone; SIGKILL 20 times in one throttled move, resumed each time: all as before, with NEW for OLD', async ({
    scene,
  }) => {
    const sums = await checksums(scene, 'orders');
    const before = await elected(scene);
    const throttles = without(await throttlesOf(scene), '3');
    await lose(scene, 3);
    const flights = recordFlights(scene);
    const journal = ['--journal', scene.file('journal')];
    const words = ['--throttle', '200kB', '--batch-partitions', '3', '--yes', ...journal];
    let ended: { status: number | string; stderr: string; stdout: string } | undefined;
    const points: number[] = [];
    for (let kills = 0; kills < 20 && ended === undefined; kills += 1) {
      const verb = kills === 0 ? ['apply', '--replace', '3=4'] : ['resume'];
      const run = scene.startRecover(...verb, ...words.slice(kills === 0 ? 0 : 4));
      // The first must get as far as the journal; it watches producers for 5 s.
      if (kills === 0) await run.logged(/copying/, 60_000);
      const ms = randomInt(200, 4000);
      const done = await Promise.race([run.finished, delay(ms)]);
      if (done && done.status === 0) ended = done;
      run.child.kill('SIGKILL');
      await run.finished;
      points.push(ms);
    }
    process.stdout.write(`killed ${points.length} times, after ms: ${points.join(' ')}\n`);
    ended ??= await scene.recover('resume', '--yes', ...journal);
    assert.is(ended.status, 0, ended.stderr);
    await flights.stop();
    const after = await look(scene);
    assert.equal(assignmentOf(after), replaced(assignmentOf(before)));
    assert.ok(isWhole(after));
    assert.equal(leadersOf(after), inherited(leadersOf(before)));
    assert.equal(await throttlesOf(scene), throttles);
    assert.ok(
      [...flights.begun.values()].every((times) => times === 1),
      JSON.stringify([...flights.begun]),
    );
    assert.ok(flights.mostAtOnce() <= 3, `${flights.mostAtOnce()} at once`);
    assert.equal(await checksums(scene, 'orders'), sums);
    if (mode === 'kraft') {
      assert.ok(after.known.some(({ id, fenced }) => id === 3 && fenced));
      const again = ['apply', '--replace', '3=4', '--yes', '--unregister', '--journal', scene.file('last.journal')];
      assert.is((await scene.recover(...again)).status, 0);
      await seen(scene.admin, 'the dead id to be forgotten', ({ known }) => known.every(({ id }) => id !== 3));
    }
  });

  test.run();
}

if (wanted?.includes('old') ?? true) {
  const test = suite<{ scene: RecoveryScene }>('recover on Kafka 0.10.1.1, through znodes', {} as never);
  test.before(async (context) => {
    context.scene = await setRecovery({ version: '0.10.1.1', mode: 'zookeeper' });
    await fillAll(context.scene, 'orders', { partitions, bytes: 1_000_000 });
  });
  test.after(({ scene }) => scene.clear());

  test('plan, apply in batches and throttled, verify: all as before, with NEW for OLD', async ({ scene }) => {
    const sums = await checksums(scene, 'orders');
    const before = await elected(scene);
    const throttles = without(await throttlesOf(scene), '3');
    await lose(scene, 3);
    const plan = ['--plan', scene.file('plan.json')];
    const planned = await scene.recover('plan', '--replace', '3=4', ...plan);
    assert.is(planned.status, 0, planned.stderr);
    assert.match(planned.stdout, /4 for 3 in 7 partitions: unknown to copy/);
    const verified = await scene.recover('plan', '--verify', scene.file('plan.json'));
    assert.equal(
      [verified.status, verified.stdout],
      [0, `${scene.file('plan.json')} is whole: 7 moves, 0 set apart\n`],
    );
    const words = ['--yes', '--throttle', '3MB', '--batch-partitions', '3', '--journal', scene.file('journal')];
    const applied = await scene.recover('apply', ...plan, ...words);
    assert.is(applied.status, 0, applied.stderr);
    const after = await look(scene);
    assert.equal(assignmentOf(after), replaced(assignmentOf(before)));
    assert.ok(isWhole(after));
    assert.equal(await throttlesOf(scene), throttles);
    assert.equal(await checksums(scene, 'orders'), sums);
  });

  test.run();
}
