/** The registry on servers that are no good ZooKeeper, and in a program that has to end by itself. */
import type { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { refusal, welcome, withFakeServer } from './support/fake-server.ts';
import { deadlineOf, eventually, failureOf, withRegistry } from './support/scene.ts';

const test = suite('servers that are no ZooKeeper');

test('a server that accepts and never answers is an error within the deadline', async () => {
  await withFakeServer(
    () => undefined,
    async (silent) => {
      await withRegistry(silent.connect, async (registry) => {
        const error = await failureOf(registry.awaitNoRegistration(2, deadlineOf(300)));
        assert.is(error.code, 'zookeeper-unreachable');
        assert.match(error.message, /: no answer\)/);
      });
    },
  );
});

test('a server that speaks something else does not bring the program down', async () => {
  const answers = ['HTTP/1.1 400 Bad Request\r\n\r\n', '\xff\xff\xff\xfc', '\0\0\0\x04oops', '\x80\0\0\0garbage'];
  for (const answer of answers) {
    const speak = (socket: Socket): unknown => socket.write(Buffer.from(answer, 'latin1'));
    await withFakeServer(speak, (other) =>
      withRegistry(other.connect, async (registry) => {
        const error = await failureOf(registry.readRegistration(2, deadlineOf(300)));
        assert.is(error.code, 'zookeeper-unreachable', JSON.stringify(answer));
      }),
    );
  }
});

test('an error code that the client library does not know leads to another connection, not to a crash', async () => {
  const sessionMoved = -118;
  await withFakeServer(
    (socket, chunk) => socket.write(chunk === 0 ? welcome(5000) : refusal(chunk - 1, sessionMoved)),
    (moving) =>
      withRegistry(moving.connect, async (registry) => {
        const error = await failureOf(registry.readRegistration(2, deadlineOf(1000)));
        assert.is(error.code, 'zookeeper-unreachable');
        assert.match(error.message, /Unknown code: -118/);
        assert.ok(moving.accepted() > 1 && moving.accepted() < 20, `${moving.accepted()} connections in a second`);
      }),
  );
});

test('an interrupted call ends at once, be it while connecting', async () => {
  await withFakeServer(
    () => undefined,
    (silent) =>
      withRegistry(silent.connect, async (registry) => {
        const interruption = new AbortController();
        const reading = failureOf(registry.readRegistration(2, deadlineOf(20_000, interruption.signal)));
        interruption.abort();
        assert.is((await reading).code, 'interrupted');
        assert.is((await failureOf(registry.readClusterId(deadlineOf(1000, AbortSignal.abort())))).code, 'interrupted');
      }),
  );
});

test('closing ends every call, quickly even where nobody answers', async () => {
  await withFakeServer(
    (socket, chunk) => {
      if (chunk === 0) socket.write(welcome(5000));
    },
    (silent) =>
      withRegistry(silent.connect, async (registry) => {
        const reading = failureOf(registry.readRegistration(2, deadlineOf(20_000)));
        await eventually('the connection', () => silent.accepted() === 1);
        const from = performance.now();
        await registry.close();
        assert.match((await reading).message, /the session with ZooKeeper was closed/);
        assert.ok(performance.now() - from < 1500);
        assert.match((await failureOf(registry.readClusterId(deadlineOf(1000)))).message, /was closed/);
      }),
  );
});

test.run();
