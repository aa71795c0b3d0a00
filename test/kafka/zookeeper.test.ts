/** The registry of live brokers, on a real ZooKeeper and on servers that are none. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Registration } from '../../src/domain/registration.ts';
import { brokerJson, joinCluster } from './support/fake-broker.ts';
import { deadlineOf, eventually, failureOf, inScene, withRegistry } from './support/scene.ts';
import { nobodysAddress, startZooKeeper } from './support/zookeeper-server.ts';
import type { ZooKeeperServer } from './support/zookeeper-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'zookeeper-'));
let server: ZooKeeperServer;
const test = suite('ZooKeeper as the registry');
test.before(async () => {
  server = await startZooKeeper({ directory });
});
test.after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

test("the cluster's id is read, and is undefined before a broker has written it", () =>
  inScene(server.connect, async ({ registry, admin }) => {
    assert.is(await registry.readClusterId(deadlineOf(5000)), undefined);
    await admin.write('/cluster/id', '{"version":"1","id":"4L6g3nShT-eMCtK--X86sw"}');
    assert.is(await registry.readClusterId(deadlineOf(5000)), '4L6g3nShT-eMCtK--X86sw');
  }));

test('what is no cluster id is refused', () =>
  inScene(server.connect, async ({ registry, admin }) => {
    await admin.write('/cluster/id', 'null');
    const error = await failureOf(registry.readClusterId(deadlineOf(5000)));
    assert.is(error.code, 'data-refused');
    assert.match(error.message, /\/cluster\/id in ZooKeeper holds "null".*check that the ZooKeeper address/);
  }));

test('a registration is read with its owner and versions as hexadecimal numbers', () =>
  inScene(server.connect, async ({ registry, broker }) => {
    const owner = await broker();
    await owner.register(2, brokerJson(9092));
    await owner.change(2, brokerJson(9093));
    const registration = await registry.readRegistration(2, deadlineOf(5000));
    assert.ok(registration);
    assert.match(registration.sessionId, /^0x[1-9a-f][0-9a-f]{14}$/);
    assert.match(registration.czxid, /^0x[1-9a-f][0-9a-f]*$/);
    assert.is(registration.version, 1);
    assert.is(registration.content, brokerJson(9093));
    assert.match(registration.contentHash, /^[0-9a-f]{64}$/);
    assert.is(await registry.readRegistration(3, deadlineOf(5000)), undefined);
  }));

test('without a chroot the paths are those of the root', async () => {
  const broker = await joinCluster(server.connect);
  await broker.write('/brokers/ids', '');
  await broker.register(2, brokerJson(9099));
  await withRegistry(server.connect, async (registry) => {
    assert.is((await registry.readRegistration(2, deadlineOf(5000)))?.content, brokerJson(9099));
  });
  await inScene(server.connect, async (scene) => {
    assert.is(await scene.registry.readRegistration(2, deadlineOf(5000)), undefined);
  });
  await broker.leave();
});

test('the end of a registration is heard, not asked for again and again', () =>
  inScene(server.connect, async ({ registry, broker }) => {
    const owner = await broker();
    await owner.register(2, brokerJson(9092));
    assert.is(await registry.awaitNoRegistration(2, deadlineOf(200)), 'deadline');
    const gone = registry.awaitNoRegistration(2, deadlineOf(20_000));
    await owner.change(2, brokerJson(9093));
    const from = performance.now();
    await owner.leave();
    assert.is(await gone, 'gone');
    assert.ok(performance.now() - from < 1000);
  }));

test('a watch tells the state now and each change, but nothing twice and nothing after it was stopped', () =>
  inScene(server.connect, async ({ registry, broker }) => {
    const told: (Registration | undefined)[] = [];
    const stop = registry.watchRegistration(2, (registration) => told.push(registration));
    await eventually('the empty state', () => told.length === 1);
    const owner = await broker();
    await owner.register(2, brokerJson(9092));
    await eventually('the registration', () => told.length === 2);
    await owner.change(2, brokerJson(9093));
    await eventually('the change', () => told.length === 3);
    await owner.leave();
    await eventually('the end', () => told.length === 4);
    const successor = await broker();
    await successor.register(2, brokerJson(9092));
    await eventually('the successor', () => told.length === 5);
    const contents = told.map((registration) => registration?.content);
    assert.equal(contents, [undefined, brokerJson(9092), brokerJson(9093), undefined, brokerJson(9092)]);
    assert.is.not(told[4]?.sessionId, told[1]?.sessionId);
    stop();
    await successor.leave();
    assert.is(await registry.awaitNoRegistration(2, deadlineOf(5000)), 'gone');
    assert.is(told.length, 5);
  }));

test('a watch sees what happened while ZooKeeper was restarted', async () => {
  const own = mkdtempSync(join(tmpdir(), 'zookeeper-'));
  let restarted = await startZooKeeper({ directory: own });
  const setUp = await joinCluster(restarted.connect);
  await setUp.write('/brokers/ids', '');
  await setUp.leave();
  await withRegistry(restarted.connect, async (registry, log) => {
    const told: (string | undefined)[] = [];
    registry.watchRegistration(2, (registration) => told.push(registration?.content));
    await eventually('the empty state', () => told.length === 1);
    const waiting = registry.awaitNoRegistration(2, deadlineOf(20_000));
    assert.is(await waiting, 'gone');

    const before = await joinCluster(restarted.connect);
    await before.register(2, brokerJson(9092));
    await eventually('the first broker', () => told.length === 2);
    const gone = registry.awaitNoRegistration(2, deadlineOf(20_000));
    await registry.readRegistration(2, deadlineOf(5000));
    await before.die();
    await restarted.stop();
    await eventually('the loss', () => log.said.some(({ message }) => message.startsWith('lost the connection')));
    const read = registry.readRegistration(2, deadlineOf(20_000));

    restarted = await startZooKeeper({ directory: own, host: restarted.host });
    await read;
    assert.is(await gone, 'gone');
    await eventually('the end of the session that died meanwhile', () => told.length === 3);
    const after = await joinCluster(restarted.connect);
    await after.register(2, brokerJson(9094));
    await eventually('the later state', () => told.length === 4);
    assert.equal(told, [undefined, brokerJson(9092), undefined, brokerJson(9094)]);
    assert.ok(log.said.some(({ message }) => message === 'connected to ZooKeeper again'));
    await after.leave();
  });
  await restarted.stop();
  rmSync(own, { recursive: true });
});

test('a ZooKeeper that falls silent is noticed, and heard again when it wakes', () =>
  inScene(server.connect, async ({ connect, broker }) => {
    await withRegistry(connect, async (registry, log) => {
      const told: (string | undefined)[] = [];
      registry.watchRegistration(2, (registration) => told.push(registration?.content));
      await eventually('the empty state', () => told.length === 1);
      process.kill(server.pid, 'SIGSTOP');
      try {
        await eventually('the silence', () => log.said.length > 0);
        assert.equal(log.said[0]?.fields, { server: server.connect, cause: 'silent for 1s' });
        const error = await failureOf(registry.readRegistration(2, deadlineOf(300)));
        assert.is(error.code, 'zookeeper-unreachable');
        const late = await failureOf(registry.awaitNoRegistration(2, deadlineOf(300)));
        assert.is(late.code, 'zookeeper-unreachable');
      } finally {
        process.kill(server.pid, 'SIGCONT');
      }
      const owner = await broker();
      await owner.register(2, brokerJson(9092));
      await eventually('the registration', () => told.length === 2);
    });
  }));

test('a ZooKeeper that nobody finds is an error within the deadline that names it and what to check', async () => {
  const servers = [nobodysAddress(), nobodysAddress()];
  const connect = servers.join(',');
  await withRegistry(`${connect}/kafka`, async (registry) => {
    const from = performance.now();
    const error = await failureOf(registry.readRegistration(2, deadlineOf(500)));
    assert.ok(performance.now() - from < 1500);
    assert.is(error.code, 'zookeeper-unreachable');
    assert.is(error.exitStatus, 1);
    assert.is(
      error.message,
      'cannot read the registration of broker 2: ZooKeeper did not answer within 0.5s ' +
        `(${servers.map((name) => `${name}: connect ECONNREFUSED ${name}`).join('; ')}); ` +
        'check that it runs, that the address is right, and that it takes plain TCP without TLS from here',
    );
  });
});

test('several addresses of one name that all refuse are named by their common fault', async () => {
  await withRegistry('localhost:1', async (registry) => {
    const error = await failureOf(registry.readClusterId(deadlineOf(500)));
    assert.match(error.message, /\(localhost:\d+: .*ECONNREFUSED/);
  });
});

test('the second server serves where the first is away', () =>
  inScene(server.connect, async ({ connect, admin }) => {
    await admin.write('/cluster/id', '{"version":"1","id":"4L6g3nShT-eMCtK--X86sw"}');
    await withRegistry(`${nobodysAddress()},${connect}`, async (registry) => {
      assert.is(await registry.readClusterId(deadlineOf(5000)), '4L6g3nShT-eMCtK--X86sw');
    });
  }));

test.run();
