/** Locks between the agent and real Java processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agent, scratch, startAgent, until, type ClaimResult, type Scratch } from '../support/agent.ts';

const test = suite<{ place: Scratch }>('locks of Java', {} as { place: Scratch });
test.before.each((context) => {
  context.place = scratch();
});
test.after.each(({ place }) => place.remove());

const program = join(import.meta.dirname, 'HoldLock.java');

interface Holder {
  readonly said: string;
  /** SIGKILL; resolves after its end. */
  kill(): Promise<void>;
}

async function holdInJava(path: string): Promise<Holder> {
  const child = spawn('java', [program, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until(() => said.endsWith('\n'), 'Java to tell about the lock', 30_000);
  return {
    said: said.trim(),
    async kill() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const claim = (place: Scratch) =>
  agent(['claim', '--volume', place.volume, '--brokers', '1', '--wait', '0s', '--config-out', place.config, '--json']);

const states: readonly { readonly name: string; readonly prepare: (place: Scratch) => Promise<void> }[] = [
  { name: 'there is no record', prepare: () => Promise.resolve() },
  {
    name: 'the record says released',
    async prepare(place) {
      assert.is((await agent(['run', '--volume', place.volume, '--config-out', place.config, '--', 'true'])).status, 0);
    },
  },
  {
    name: 'the record is of a dead wrapper',
    async prepare(place) {
      const running = startAgent([
        'run',
        '--volume',
        place.volume,
        '--config-out',
        place.config,
        '--',
        'sleep',
        '1000',
      ]);
      const [, pid] = await running.logged(/started the broker .*pid=(\d+)/);
      running.child.kill('SIGKILL');
      process.kill(Number(pid), 'SIGKILL');
      await running.finished;
    },
  },
];

// Mutant caught: attemptLocked without the probe of .lock.
for (const { name, prepare } of states) {
  test(`a Java process that holds .lock is never taken over, where ${name}; once dead it blocks nobody`, async ({
    place,
  }) => {
    await prepare(place);
    const logDir = join(place.volume, 'kafka-logs-0');
    mkdirSync(logDir, { recursive: true });
    const holder = await holdInJava(join(logDir, '.lock'));
    assert.is(holder.said, 'locked');
    const refused = await claim(place);
    assert.is(refused.status, 4);
    assert.match(refused.stderr, /a process outside Barnabas holds kafka-logs-0\/\.lock/);
    await holder.kill();
    const { status, stdout } = await claim(place);
    assert.is(status, 0);
    assert.is((JSON.parse(stdout) as ClaimResult).brokerId, 0);
    assert.ok(existsSync(join(logDir, '.lock')));
  });
}

test('Java finds the id lock of a live broker busy, and free after its death', async ({ place }) => {
  const running = startAgent(['run', '--volume', place.volume, '--config-out', place.config, '--', 'sleep', '1000']);
  await running.logged(/started the broker/);
  const lock = join(place.volume, '.barnabas/claims/0/lock');
  const loser = await holdInJava(lock);
  assert.is(loser.said, 'busy');
  await loser.kill();
  running.child.kill('SIGTERM');
  await running.finished;
  const winner = await holdInJava(lock);
  assert.is(winner.said, 'locked');
  await winner.kill();
});

test.run();
