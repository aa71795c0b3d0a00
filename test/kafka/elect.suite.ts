/** `barnabas elect` on real clusters of the versions that differ, under load, and on a wounded one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startLoad } from '../../demo/load.ts';
import { startKafka } from './support/kafka.ts';
import {
  clusterOf,
  createTopic,
  isLedAsPreferred,
  isWhole,
  of,
  sendTo,
  type Cluster,
  type Elected,
} from './support/election-scene.ts';

/** The last column: whether an unclean election can be asked for (Kafka 2.4 and newer). */
const versions = [
  ['0.10.1.1', 'zookeeper', false],
  ['2.8.2', 'zookeeper', true],
  ['3.9.2', 'zookeeper', true],
  ['4.3.1', 'kraft', true],
] as const;

const wanted = process.env['BARNABAS_TEST_ELECT']?.split(' ');

for (const [version, mode, unclean] of versions) {
  if (wanted?.includes(version) === false) continue;
  const test = suite<{ cluster: Cluster }>(`elect on Kafka ${version}`, {} as never);
  test.before(async (context) => {
    const properties = () => ({ 'offsets.topic.replication.factor': 3, 'unclean.leader.election.enable': false });
    // Broker 2 is never killed. With ZooKeeper, one that comes back while another takes over as the controller may not be told
    // of its leaders' epochs, and is out of sync for good.
    const order = { version, mode, brokers: 4, first: 2, controllers: 3, properties };
    context.cluster = clusterOf(await startKafka(order));
  });
  test.after(async ({ cluster }) => {
    await cluster.close();
    await cluster.kafka.clear();
  });

  test('killed, back, elected: all is led as preferred, under load, and nothing is lost', async ({ cluster }) => {
    const { kafka, client } = cluster;
    const replicas = Array.from({ length: 12 }, (_, partition) => [0, 1, 2].map((n) => ((partition + n) % 3) + 1));
    await createTopic(cluster, 'orders', replicas);
    const load = await startLoad({ kafka: client, topic: 'orders', partitions: 12 });
    try {
      await kafka.kill(1);
      await cluster.see('leaders to move', (view) => of(view, 'orders').every(({ leader }) => leader > 1));
      await kafka.start(1);
      await cluster.see('all in sync', (view) => view.partitions.every(isWhole));
      const beforeMs = load.takeStall();
      const { status, stdout, stderr } = await cluster.elect('--topic', 'orders', '--json');
      assert.is(status, 0, stderr);
      const seen = JSON.parse(stdout) as Elected;
      assert.equal(
        seen.elected.map(({ partition, to }) => [partition, to]),
        [0, 3, 6, 9].map((partition) => [partition, 1]),
      );
      assert.equal(
        seen.brokers.map((one) => [one.brokerId, one.preferred, one.ledAfter]),
        [1, 2, 3].map((id) => [id, 4, 4]).concat([[4, 0, 0]]),
      );
      const { consumed } = load.counts();
      await cluster.see('messages to flow', () => load.counts().consumed > consumed + 100);
      const whileMs = load.takeStall();
      const counts = await load.settle(30_000);
      process.stdout.write(
        `\n  ${version}: killed: no acknowledgement for ${beforeMs} ms; elected in ${seen.tookMs} ms: for ${whileMs} ms; ` +
          `${counts.acknowledged} acknowledged, ${counts.lost} lost, ${counts.outOfOrder} out of order\n`,
      );
      assert.is(counts.lost, 0);
      assert.is(counts.outOfOrder, 0);
      assert.ok(of(await cluster.see('the end', () => true), 'orders').every(isLedAsPreferred));
    } finally {
      await load.close();
    }
  });

  test('again, there is nothing to do', async ({ cluster }) => {
    const { status, stdout, stderr } = await cluster.elect('--topic', 'ord*');
    assert.is(status, 0, stderr);
    assert.match(stdout, /elected 0 preferred leaders; all 12 partitions are led/);
  });

  test('one without a leader for good, one behind, one broker down: each is done as it can be', async ({ cluster }) => {
    const { kafka } = cluster;
    await createTopic(cluster, 'bills', [
      [1, 2],
      [4, 2],
      [3, 2],
      [2, 1],
    ]);
    await createTopic(cluster, 'alone', [[4]]);
    const partition = (number: number) => (view: Parameters<typeof of>[0]) => of(view, 'bills')[number];
    await kafka.kill(1);
    await cluster.see('broker 2 to lead', (view) => partition(0)(view)?.leader === 2);
    await kafka.start(1);
    await cluster.see('broker 1 in sync', (view) => view.partitions.every(isWhole));
    await kafka.kill(3);
    await cluster.see('broker 2 alone', (view) => partition(2)(view)?.isr.join() === '2');
    await sendTo(cluster, 'bills', 2);
    const properties = join(kafka.directory, '3.properties');
    const asItWas = readFileSync(properties, 'utf8');
    writeFileSync(properties, asItWas + slowToFetch);
    await kafka.start(3);
    await kafka.kill(4);
    await cluster.see('broker 4 away and 3 back', ({ brokers, partitions }) => {
      const without = partitions.find(({ topic }) => topic === 'alone');
      return brokers.join() === '1,2,3' && without?.leader === -1;
    });
    const { status, stdout, stderr } = await cluster.elect('--topic', 'bills,alone', '--in-sync-for', '2s', '--json');
    const seen = JSON.parse(stdout) as Elected;
    assert.is(status, 1, stderr);
    assert.match(stderr, /waiting for="bills-2: the replica on broker 3 is not in sync"/);
    assert.equal(seen.elected.map(({ partition: number }) => number).sort(), [0, 2]);
    assert.equal(
      seen.cannot.map(({ topic, partition: number }) => `${topic}-${number}`),
      ['alone-0', 'bills-1'],
    );
    assert.match(String(seen.cannot[0]?.why), noLeader);
    assert.is(seen.cannot[1]?.why, 'broker 4 is down');
    assert.ok(seen.waves >= 2, 'it did not wait with what was ready');
    process.stdout.write(`\n  ${version}: wounded: ${seen.waves} waves, ${seen.tookMs} ms\n`);
    const end = of(await cluster.see('the end', () => true), 'bills');
    assert.equal(
      end.map(({ leader }) => leader),
      [1, 2, 3, 2],
    );
    await kafka.start(4);
    await cluster.see('broker 4 back', ({ brokers }) => brokers.includes(4));
    // As slow as it is, it would fall out of sync again and again.
    await kafka.kill(3);
    writeFileSync(properties, asItWas);
    await cluster.see('its session over', ({ brokers }) => !brokers.includes(3));
    await kafka.start(3);
    await cluster.see('all back', ({ brokers, partitions }) => brokers.length === 4 && partitions.every(isWhole));
    assert.is((await cluster.elect('--topic', 'bills', '--in-sync-for', '0s')).status, 0);
  });

  if (unclean) {
    test('an unclean election is refused until it is confirmed, word by word', async ({ cluster }) => {
      const { kafka } = cluster;
      await createTopic(cluster, 'notes', [
        [4, 1],
        [2, 1],
      ]);
      await kafka.kill(1);
      const first = (view: Parameters<typeof of>[0]) => of(view, 'notes')[0];
      await cluster.see('broker 4 alone', (view) => first(view)?.isr.join() === '4');
      await sendTo(cluster, 'notes', 0);
      await kafka.kill(4);
      await kafka.start(1);
      await cluster.see('no leader', (view) => first(view)?.leader === -1 && view.brokers.includes(1));
      const words = ['--topic', 'notes'];
      const refused = await cluster.elect(...words, '--unclean');
      assert.is(refused.status, 3, refused.stderr);
      assert.match(refused.stderr, /loses for good what only .* ha(s|ve), .*--confirm "lose messages of notes-0"/);
      assert.is(first(await cluster.see('the same', () => true))?.leader, -1);
      const done = await cluster.elect(...words, '--unclean', '--confirm', 'lose messages of notes-0', '--json');
      assert.is(done.status, 1, done.stderr);
      const { unclean: elected, cannot } = JSON.parse(done.stdout) as Elected;
      assert.equal(
        elected.map(({ partition, problem }) => [partition, problem]),
        [[0, null]],
      );
      assert.equal(
        cannot.map(({ partition, why }) => `${partition} ${why}`),
        ['0 broker 4 is down'],
      );
      assert.is(first(await cluster.see('the end', () => true))?.leader, 1);
    });
  } else {
    test('an unclean election can not be asked for', async ({ cluster }) => {
      const { status, stderr } = await cluster.elect('--topic', 'orders', '--unclean');
      assert.is(status, 0, stderr);
    });
  }

  test.run();
}

/** KRaft since 4.1 keeps those that may lead apart from those in sync, of which there are none then (KIP-966). */
const noLeader = /^no leader: (broker 4 has its last messages and is down|no replica is known to be in sync)$/;

/** Its replicas get nothing for 15 s after its start; then all at once. */
const slowToFetch = `
replica.fetch.min.bytes=100000000
replica.fetch.wait.max.ms=15000
replica.lag.time.max.ms=60000
replica.socket.timeout.ms=60000
`;
