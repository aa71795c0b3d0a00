/** The removal of a dead broker's registration, on a real ZooKeeper. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { clearRegistration } from '../../src/commands/clear-registration.ts';
import type { Cleared, ClearRegistration } from '../../src/commands/clear-registration.ts';
import { toNote } from '../../src/domain/registration.ts';
import type { Registration } from '../../src/domain/registration.ts';
import { brokerJson } from './support/fake-broker.ts';
import type { FakeBroker } from './support/fake-broker.ts';
import { deadlineOf, failureOf, inScene } from './support/scene.ts';
import type { Scene } from './support/scene.ts';
import { startZooKeeper } from './support/zookeeper-server.ts';
import type { ZooKeeperServer } from './support/zookeeper-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'zookeeper-'));
let server: ZooKeeperServer;
const test = suite('clearing a registration');
test.before(async () => {
  server = await startZooKeeper({ directory });
});
test.after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

async function read({ registry }: Scene): Promise<Registration> {
  const registration = await registry.readRegistration(2, deadlineOf(5000));
  if (registration === undefined) throw new Error('broker 2 is not registered');
  return registration;
}

function clear({ registry, log }: Scene, change: Partial<ClearRegistration>): Promise<Cleared> {
  return clearRegistration({
    registry,
    clock: { nowMs: () => performance.now() },
    log,
    brokerId: 2,
    note: undefined,
    deathCertain: true,
    fastFailover: true,
    answerMs: 5000,
    deadline: deadlineOf(20_000),
    ...change,
  });
}

/** A registered broker that has just died hard, and the note of its registration. */
async function deadBroker(scene: Scene): Promise<{ broker: FakeBroker; registration: Registration }> {
  const broker = await scene.broker();
  await broker.register(2, brokerJson(9092));
  const registration = await read(scene);
  await broker.die();
  return { broker, registration };
}

const waitedFor = ({ log }: Scene): unknown[] =>
  log.said.filter(({ message }) => message === 'waiting until the registration ends').map(({ fields }) => fields.why);

test('where nothing is registered there is nothing to do', () =>
  inScene(server.connect, async (scene) => {
    assert.equal(await clear(scene, {}), { outcome: 'none', waitedMs: 0 });
    assert.equal(scene.log.said, []);
  }));

test('the dead broker is removed at once, long before its session ends', () =>
  inScene(server.connect, async (scene) => {
    const { registration } = await deadBroker(scene);
    const from = performance.now();
    assert.equal(await clear(scene, { note: toNote(registration) }), { outcome: 'removed', waitedMs: 0 });
    assert.ok(performance.now() - from < 1000, 'removing is a matter of milliseconds');
    assert.is(await scene.registry.readRegistration(2, deadlineOf(5000)), undefined);
    assert.equal(scene.log.said, [
      {
        level: 'info',
        message: 'removed the registration of the dead broker',
        fields: { brokerId: 2, endpoints: 'PLAINTEXT://10.0.0.7:9092', session: registration.sessionId },
      },
    ]);
  }));

/** Whatever is done with `note`, the registration of the living stays as it is, and is waited for to the deadline. */
async function assertUntouched(scene: Scene, change: Partial<ClearRegistration>, why: RegExp): Promise<void> {
  const before = await read(scene);
  const error = await failureOf(clear(scene, { deadline: deadlineOf(400), ...change }));
  assert.equal(await read(scene), before);
  assert.is(error.code, 'registration-deadline');
  assert.is(error.exitStatus, 4);
  assert.match(error.message, why);
  assert.match(String(waitedFor(scene)[0]), why);
}

test("a successor's registration is never touched, though its content and version are the dead one's", () =>
  inScene(server.connect, async (scene) => {
    const { registration } = await deadBroker(scene);
    await scene.admin.delete('/brokers/ids/2');
    const successor = await scene.broker();
    await successor.register(2, brokerJson(9092));
    const now = await read(scene);
    assert.is(now.contentHash, registration.contentHash);
    assert.is(now.version, registration.version);
    await assertUntouched(
      scene,
      { note: toNote(registration) },
      /it belongs to session 0x\w+, and the dead broker's was/,
    );
    const removal = await scene.registry.removeRegistration(2, toNote(registration), deadlineOf(5000));
    assert.is(removal, 'not-the-noted-one');
    assert.equal(await read(scene), now);
  }));

test('a registration created anew in the same session is never touched', () =>
  inScene(server.connect, async (scene) => {
    const broker = await scene.broker();
    await broker.register(2, brokerJson(9092));
    const registration = await read(scene);
    await broker.delete('/brokers/ids/2');
    await broker.register(2, brokerJson(9092));
    await assertUntouched(scene, { note: toNote(registration) }, /created anew in the same session/);
    const removal = await scene.registry.removeRegistration(2, toNote(registration), deadlineOf(5000));
    assert.is(removal, 'not-the-noted-one');
    await read(scene);
  }));

test('a registration changed since it was noted is never touched, be it to the same content', () =>
  inScene(server.connect, async (scene) => {
    const broker = await scene.broker();
    await broker.register(2, brokerJson(9092));
    const registration = await read(scene);
    await broker.change(2, brokerJson(9092));
    await assertUntouched(scene, { note: toNote(registration) }, /it was changed since it was noted/);
  }));

test('a registration of other content is never touched', () =>
  inScene(server.connect, async (scene) => {
    const broker = await scene.broker();
    await broker.register(2, brokerJson(9093));
    const note = { ...toNote(await read(scene)), contentHash: '00' };
    await assertUntouched(scene, { note }, /its content is not the noted one/);
    assert.is(await scene.registry.removeRegistration(2, note, deadlineOf(5000)), 'not-the-noted-one');
    await read(scene);
  }));

test('a living broker is never touched on mere suspicion', () =>
  inScene(server.connect, async (scene) => {
    const broker = await scene.broker();
    await broker.register(2, brokerJson(9092));
    const note = toNote(await read(scene));
    await assertUntouched(scene, { note, deathCertain: false }, /it is not certain that its broker is dead/);
  }));

test('without fast failover the session is waited for', () =>
  inScene(server.connect, async (scene) => {
    const { registration } = await deadBroker(scene);
    const { outcome, waitedMs } = await clear(scene, { note: toNote(registration), fastFailover: false });
    assert.is(outcome, 'waited');
    assert.ok(waitedMs > 500, `waited ${waitedMs} ms for a session of 2 s`);
    assert.equal(waitedFor(scene), ['fast failover is off']);
    assert.is(scene.log.said.at(-1)?.message, 'the registration has ended');
  }));

test('without a note the session is waited for, and it is said for what', () =>
  inScene(server.connect, async (scene) => {
    const { registration } = await deadBroker(scene);
    const { outcome } = await clear(scene, {});
    assert.is(outcome, 'waited');
    assert.is(await scene.registry.readRegistration(2, deadlineOf(5000)), undefined);
    const { fields } = scene.log.said[0] ?? {};
    assert.is(fields?.endpoints, 'PLAINTEXT://10.0.0.7:9092');
    assert.is(fields?.session, registration.sessionId);
    assert.is(fields?.why, "nothing was noted of the dead broker's registration");
  }));

test('without the right to delete below /brokers/ids the session is waited for, and it is said why', () =>
  inScene(server.connect, async (scene) => {
    // ZooKeeper asks the parent whether a znode may be deleted; the znode's own list lets everyone.
    await scene.admin.forbidOthers('/brokers/ids');
    const { registration } = await deadBroker(scene);
    const { outcome, waitedMs } = await clear(scene, { note: toNote(registration) });
    assert.is(outcome, 'waited');
    assert.ok(waitedMs > 500, `waited ${waitedMs} ms for a session of 2 s`);
    const [warning] = scene.log.said;
    assert.is(warning?.level, 'warn');
    assert.is(warning?.message, 'cannot remove the registration of the dead broker');
    assert.is(warning?.fields.why, 'ZooKeeper does not let us delete below /brokers/ids');
    assert.equal(waitedFor(scene), ['ZooKeeper does not let us delete below /brokers/ids']);
  }));

test("a list on the registration itself does not matter: it is the parent's that ZooKeeper asks", () =>
  inScene(server.connect, async (scene) => {
    const broker = await scene.broker();
    await broker.register(2, brokerJson(9092));
    await broker.forbidOthers('/brokers/ids/2');
    const note = toNote(await read(scene));
    await broker.die();
    assert.is((await clear(scene, { note })).outcome, 'removed');
  }));

test('a registration that ends between the look and the removal has ended by itself', () =>
  inScene(server.connect, async (scene) => {
    const { registration } = await deadBroker(scene);
    const { registry } = scene;
    const late: Scene = {
      ...scene,
      registry: {
        ...registry,
        removeRegistration: async (brokerId, expected, deadline) => {
          await scene.admin.delete('/brokers/ids/2');
          return registry.removeRegistration(brokerId, expected, deadline);
        },
      },
    };
    assert.is((await clear(late, { note: toNote(registration) })).outcome, 'waited');
  }));

test('a registration that changes between the look and the removal is left and waited for', () =>
  inScene(server.connect, async (scene) => {
    const broker = await scene.broker();
    await broker.register(2, brokerJson(9092));
    const note = toNote(await read(scene));
    const { registry } = scene;
    const late: Scene = {
      ...scene,
      registry: {
        ...registry,
        removeRegistration: async (brokerId, expected, deadline) => {
          await broker.change(2, brokerJson(9094));
          return registry.removeRegistration(brokerId, expected, deadline);
        },
      },
    };
    const error = await failureOf(clear(late, { note, deadline: deadlineOf(500) }));
    assert.match(error.message, /has changed since the look/);
    assert.is((await read(scene)).content, brokerJson(9094));
  }));

test('a dead controller gives up /controller with its registration', () =>
  inScene(server.connect, async (scene) => {
    await scene.admin.write('/controller_epoch', '1');
    const broker = await scene.broker();
    await broker.register(2, brokerJson(9092));
    await broker.hold('/controller', '{"version":2,"brokerid":2}');
    const note = toNote(await read(scene));
    await broker.die();
    assert.is((await clear(scene, { note })).outcome, 'removed');
    assert.not(await scene.admin.has('/controller'));
    assert.not(await scene.admin.has('/brokers/ids/2'));
  }));

// Mutant caught: deadController without the comparison of owners.
test('a living controller keeps /controller', () =>
  inScene(server.connect, async (scene) => {
    await scene.admin.write('/controller_epoch', '1');
    const other = await scene.broker();
    await other.hold('/controller', '{"version":2,"brokerid":1}');
    const { registration } = await deadBroker(scene);
    assert.is((await clear(scene, { note: toNote(registration) })).outcome, 'removed');
    assert.ok(await scene.admin.has('/controller'));
  }));

test('without the right to remove /controller nothing is removed', () =>
  inScene(server.connect, async (scene) => {
    await scene.admin.write('/controller_epoch', '1');
    const broker = await scene.broker();
    await broker.register(2, brokerJson(9092));
    await broker.hold('/controller', '{"version":2,"brokerid":2}');
    const note = toNote(await read(scene));
    await scene.admin.forbidOthers('/');
    const removal = await scene.registry.removeRegistration(2, note, deadlineOf(5000));
    assert.is(removal, 'forbidden');
    assert.ok(await scene.admin.has('/controller'));
    assert.ok(await scene.admin.has('/brokers/ids/2'));
  }));

test('at the deadline it is told what is registered and what to do', () =>
  inScene(server.connect, async (scene) => {
    const broker = await scene.broker();
    await broker.register(2, brokerJson(9092));
    const { sessionId } = await read(scene);
    const error = await failureOf(clear(scene, { deadline: deadlineOf(300) }));
    assert.is(
      error.message,
      `cannot clear the registration of broker 2 (PLAINTEXT://10.0.0.7:9092, session ${sessionId}): it has not ended ` +
        "within 0.3s, and was not removed because nothing was noted of the dead broker's registration; if no broker 2 " +
        "runs any more, its session ends by itself after the broker's zookeeper.session.timeout.ms (18 s by default): " +
        'wait longer; if one runs, stop it first',
    );
  }));

test('an interrupted wait ends at once', () =>
  inScene(server.connect, async (scene) => {
    const broker = await scene.broker();
    await broker.register(2, brokerJson(9092));
    const interruption = new AbortController();
    const waiting = failureOf(clear(scene, { deadline: deadlineOf(20_000, interruption.signal) }));
    await scene.registry.readRegistration(2, deadlineOf(5000));
    const from = performance.now();
    interruption.abort();
    assert.is((await waiting).code, 'interrupted');
    assert.ok(performance.now() - from < 1000);
  }));

test.run();
