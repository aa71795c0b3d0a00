/** A program that watches a registration: it outlives its own session, and ends by itself. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { brokerJson, joinCluster } from './support/fake-broker.ts';
import { withFakeServer } from './support/fake-server.ts';
import { deadlineOf, eventually, inScene } from './support/scene.ts';
import { nobodysAddress, startZooKeeper, type ZooKeeperServer } from './support/zookeeper-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'zookeeper-'));
let server: ZooKeeperServer;
const test = suite('a watching program');
test.before(async () => {
  server = await startZooKeeper({ directory });
});
test.after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

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
  await withWatcher(nobodysAddress(), async (watcher) => {
    await eventually('the failed wait', () => watcher.lines.length === 1);
    assert.equal(watcher.lines, [{ outcome: 'zookeeper-unreachable' }]);
    assert.is(await watcher.end(), 0);
  });
});

test('a program in the middle of a handshake that nobody answers ends by itself too', async () => {
  await withFakeServer(
    () => undefined,
    (silent) =>
      withWatcher(silent.connect, async (watcher) => {
        await eventually('the failed wait', () => watcher.lines.length === 1);
        assert.is(await watcher.end(), 0);
      }),
  );
});

test.run();
