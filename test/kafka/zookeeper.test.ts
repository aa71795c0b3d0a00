/** The registry of live brokers, on a real ZooKeeper and on servers that are none. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Registration } from '../../src/domain/registration.ts';
import type { BarnabasError } from '../../src/errors.ts';
import { openZooKeeperRegistry } from '../../src/kafka/zookeeper.ts';
import type { Registry } from '../../src/ports.ts';
import { brokerJson, joinCluster } from './support/fake-broker.ts';
import { refusal, welcome, withFakeServer } from './support/fake-server.ts';
import { deadlineOf, eventually, failureOf, inScene, recordLog } from './support/scene.ts';
import type { RecordedLog } from './support/scene.ts';
import { freePort, startZooKeeper } from './support/zookeeper-server.ts';
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

async function withRegistry(
  connect: string,
  play: (registry: Registry, log: RecordedLog) => Promise<void>,
  sessionTimeoutMs = 1500,
): Promise<void> {
  const log = recordLog();
  const registry = openZooKeeperRegistry({ connect, log, sessionTimeoutMs });
  try {
    await play(registry, log);
  } finally {
    await registry.close();
  }
}

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

    restarted = await startZooKeeper({ directory: own, port: restarted.port });
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
  const ports = [await freePort(), await freePort()];
  const connect = ports.map((port) => `127.0.0.1:${port}`).join(',');
  await withRegistry(`${connect}/kafka`, async (registry) => {
    const from = performance.now();
    const error = await failureOf(registry.readRegistration(2, deadlineOf(500)));
    assert.ok(performance.now() - from < 1500);
    assert.is(error.code, 'zookeeper-unreachable');
    assert.is(error.exitStatus, 1);
    assert.is(
      error.message,
      'cannot read the registration of broker 2: ZooKeeper did not answer within 0.5s ' +
        `(${ports.map((port) => `127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`).join('; ')}); ` +
        'check that it runs, that the address is right, and that it takes plain TCP without TLS from here',
    );
  });
});

test('several addresses of one name that all refuse are named by their common fault', async () => {
  await withRegistry(`localhost:${await freePort()}`, async (registry) => {
    const error = await failureOf(registry.readClusterId(deadlineOf(500)));
    assert.match(error.message, /\(localhost:\d+: .*ECONNREFUSED/);
  });
});

test('the second server serves where the first is away', () =>
  inScene(server.connect, async ({ connect, admin }) => {
    await admin.write('/cluster/id', '{"version":"1","id":"4L6g3nShT-eMCtK--X86sw"}');
    await withRegistry(`127.0.0.1:${await freePort()},${connect}`, async (registry) => {
      assert.is(await registry.readClusterId(deadlineOf(5000)), '4L6g3nShT-eMCtK--X86sw');
    });
  }));

test('a server that accepts and never answers is an error within the deadline', async () => {
  await withFakeServer(
    () => undefined,
    async (silent) => {
      await withRegistry(silent.connect, async (registry) => {
        const error = await failureOf(registry.awaitNoRegistration(2, deadlineOf(300)));
        assert.is(error.code, 'zookeeper-unreachable');
        assert.match(error.message, /: no answer\)/);
      });
      await silent.stop();
    },
  );

  test('a server that speaks something else does not bring the program down', async () => {
    const answers = ['HTTP/1.1 400 Bad Request\r\n\r\n', '\xff\xff\xff\xfc', '\0\0\0\x04oops', '\x80\0\0\0garbage'];
    for (const answer of answers) {
      const other = await startFakeServer((socket) => socket.write(Buffer.from(answer, 'latin1')));
      await withRegistry(other.connect, async (registry) => {
        const error = await failureOf(registry.readRegistration(2, deadlineOf(300)));
        assert.is(error.code, 'zookeeper-unreachable', JSON.stringify(answer));
      });
      await other.stop();
    }
  });

  test('an error code that the client library does not know leads to another connection, not to a crash', async () => {
    const sessionMoved = -118;
    const moving = await startFakeServer((socket, chunk) =>
      socket.write(chunk === 0 ? welcome(5000) : refusal(chunk - 1, sessionMoved)),
    );
    await withRegistry(moving.connect, async (registry) => {
      const error = await failureOf(registry.readRegistration(2, deadlineOf(1000)));
      assert.is(error.code, 'zookeeper-unreachable');
      assert.match(error.message, /Unknown code: -118/);
      assert.ok(moving.accepted() > 1 && moving.accepted() < 20, `${moving.accepted()} connections in a second`);
    });
    await moving.stop();
  });

  test('an interrupted call ends at once, be it while connecting', async () => {
    const silent = await startFakeServer(() => undefined);
    await withRegistry(silent.connect, async (registry) => {
      const interruption = new AbortController();
      const reading = failureOf(registry.readRegistration(2, deadlineOf(20_000, interruption.signal)));
      interruption.abort();
      assert.is((await reading).code, 'interrupted');
      assert.is((await failureOf(registry.readClusterId(deadlineOf(1000, AbortSignal.abort())))).code, 'interrupted');
    });
    await silent.stop();
  });

  test('closing ends every call, quickly even where nobody answers', async () => {
    const silent = await startFakeServer((socket, chunk) => {
      if (chunk === 0) socket.write(welcome(5000));
    });
    await withRegistry(silent.connect, async (registry) => {
      const reading = failureOf(registry.readRegistration(2, deadlineOf(20_000)));
      await eventually('the connection', () => silent.accepted() === 1);
      const from = performance.now();
      await registry.close();
      assert.match((await reading).message, /the session with ZooKeeper was closed/);
      assert.ok(performance.now() - from < 1500);
      assert.match((await failureOf(registry.readClusterId(deadlineOf(1000)))).message, /was closed/);
    });
    await silent.stop();
  });

  for (const [address, why] of [
    ['', 'it names no server'],
    ['/kafka', 'it names no server'],
    ['zk:0', '"zk:0" is not HOST:PORT'],
    ['zk:65536', '"zk:65536" is not HOST:PORT'],
    ['zk:2181:2182', '"zk:2181:2182" is not HOST:PORT'],
    ['fd00::7', '"fd00::7" is not HOST:PORT'],
    ['zk:2181/kafka/', 'the chroot "/kafka/" is not a path'],
    ['zk:2181//kafka', 'the chroot "//kafka" is not a path'],
    ['zk:2181/../kafka', 'the chroot "/../kafka" is not a path'],
  ] as const) {
    test(`the address ${JSON.stringify(address)} is refused before anything is tried`, () => {
      assert.throws(
        () => openZooKeeperRegistry({ connect: address, log: recordLog() }),
        (error: BarnabasError) => error.code === 'settings-invalid' && error.message.includes(why),
      );
    });
  }

  interface Watcher {
    readonly lines: unknown[];
    readonly pid: number;
    /** Ends its input; resolves with its exit status, which it must reach by itself. */
    end(): Promise<number | null>;
    kill(): void;
  }

  function startWatcher(connect: string): Watcher {
    const script = join(import.meta.dirname, 'support/watcher-process.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, connect], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines: unknown[] = [];
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts.map((line) => JSON.parse(line) as unknown));
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    return {
      lines,
      pid: child.pid ?? 0,
      end: async () => {
        child.stdin.end();
        const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
        const status = await ended;
        clearTimeout(timer);
        return status;
      },
      kill: () => void child.kill('SIGKILL'),
    };
  }

  async function withWatcher(connect: string, play: (watcher: Watcher) => Promise<void>): Promise<void> {
    const watcher = startWatcher(connect);
    try {
      await play(watcher);
    } finally {
      watcher.kill();
    }
  }

  test('a watch outlives the expiry of its own session, and its program ends by itself', () =>
    inScene(server.connect, ({ connect, broker, registry }) =>
      withWatcher(connect, async (watcher) => {
        await eventually('the empty state', () => watcher.lines.length === 2);
        process.kill(watcher.pid, 'SIGSTOP');
        const owner = await broker();
        await owner.register(2, brokerJson(9092));
        // A session of the same timeout, dropped now, ends after that of the program which has just stopped answering.
        const doomed = await joinCluster(connect, 1500);
        await doomed.register(9, brokerJson(9099));
        await doomed.die();
        assert.is(await registry.awaitNoRegistration(9, deadlineOf(20_000)), 'gone');
        process.kill(watcher.pid, 'SIGCONT');
        await eventually('the registration', () => watcher.lines.length === 3);
        assert.equal(watcher.lines[2], { told: brokerJson(9092) });
        assert.is(await watcher.end(), 0);
        assert.equal(watcher.lines.at(-1), { closed: true });
      }),
    ));

  test('a program whose ZooKeeper is away ends by itself too', async () => {
    await withWatcher(`127.0.0.1:${await freePort()}`, async (watcher) => {
      await eventually('the failed wait', () => watcher.lines.length === 1);
      assert.equal(watcher.lines, [{ outcome: 'zookeeper-unreachable' }]);
      assert.is(await watcher.end(), 0);
    });
  });

  test('a program in the middle of a handshake that nobody answers ends by itself too', async () => {
    const silent = await startFakeServer(() => undefined);
    await withWatcher(silent.connect, async (watcher) => {
      await eventually('the failed wait', () => watcher.lines.length === 1);
      assert.is(await watcher.end(), 0);
    });
  });
});

test.run();
