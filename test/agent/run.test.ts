import { readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agent, isAlive, scratch, startAgent, until, type Scratch } from '../support/agent.ts';

const test = suite<{ place: Scratch }>('run', {} as { place: Scratch });
test.before.each((context) => {
  context.place = scratch();
});
test.after.each(({ place }) => place.remove());

const started = /started the broker .*pid=(\d+)/;

async function startBroker(place: Scratch, command: readonly string[]) {
  const running = startAgent([
    'run',
    '--volume',
    place.volume,
    '--brokers',
    '1',
    '--config-out',
    place.config,
    '--',
    ...command,
  ]);
  const [, pid] = await running.logged(started);
  // The guard's first beat: from here on its lock file says that the broker runs.
  await until(() => /"state":"running"/.test(readFileSync(lockOf(place), 'utf8')), 'the first beat');
  return { running, broker: Number(pid) };
}

const claimsOf = (place: Scratch): string => join(place.volume, '.barnabas/claims/0');
const lockOf = (place: Scratch): string => join(claimsOf(place), 'lock');
const endOf = (place: Scratch, generation: number): { kind: string } =>
  JSON.parse(readFileSync(join(claimsOf(place), `g0000000${String(generation)}.end`), 'utf8')) as { kind: string };
const claimOnce = (place: Scratch, wait: string) =>
  agent(['claim', '--volume', place.volume, '--brokers', '1', '--wait', wait, '--json', '--config-out', place.config]);

test('the broker inherits the lock, gets its id and its configuration, and the claim is released after its end', async ({
  place,
}) => {
  const running = startAgent([
    ...['run', '--volume', place.volume, '--config-out', place.config, '--'],
    ...['sh', '-c', 'echo id={id}; cat {config}; readlink /proc/self/fd/3; exit 7'],
  ]);
  const { status, stdout } = await running.finished;
  assert.is(status, 7);
  assert.match(stdout, /^id=0\n/);
  assert.match(stdout, /^broker\.id=0$/m);
  assert.match(stdout, /\.barnabas\/claims\/0\/lock\n$/);
  assert.is(endOf(place, 1).kind, 'released');
});

for (const [signal, status] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} is forwarded, and the broker's end by it is the exit status`, async ({ place }) => {
    const { running } = await startBroker(place, ['sleep', '1000']);
    running.child.kill(signal);
    assert.is((await running.finished).status, status);
    assert.is(endOf(place, 1).kind, 'released');
  });
}

test('SIGQUIT reaches the broker, which lives on', async ({ place }) => {
  const { running } = await startBroker(place, ['sh', '-c', 'trap "echo dumped" QUIT; while :; do sleep 0.05; done']);
  running.child.kill('SIGQUIT');
  await until(() => running.stdout().includes('dumped'), 'the broker to hear SIGQUIT');
  running.child.kill('SIGTERM');
  assert.is((await running.finished).status, 143);
});

test('a broker below a shell that does not exec hears the signal, and nothing is released before it has ended', async ({
  place,
}) => {
  const slow = 'trap "sleep 0.5; echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done';
  const { running } = await startBroker(place, ['sh', '-c', `sh -c '${slow}' & wait`]);
  await until(() => running.stdout().includes('up'), 'the inner broker');
  running.child.kill('SIGTERM');
  const { stdout } = await running.finished;
  assert.match(stdout, /bye/);
  assert.is(endOf(place, 1).kind, 'released');
});

test('while the broker shuts down a replacement waits for its id, though there is room for a new one', async ({
  place,
}) => {
  const slow = ['sh', '-c', 'trap "sleep 1.5; exit 0" TERM; while :; do sleep 0.05; done'];
  const old = startAgent(['run', '--volume', place.volume, '--brokers', '3', '--', ...slow]);
  await old.logged(started);
  old.child.kill('SIGTERM');
  await until(() => /"state":"stopping"/.test(readFileSync(lockOf(place), 'utf8')), 'the note of the shutdown');
  const claim = [
    'claim',
    '--volume',
    place.volume,
    '--brokers',
    '3',
    '--wait',
    '20s',
    '--json',
    '--config-out',
    place.config,
  ];
  const { status, stdout, stderr } = await agent(claim);
  assert.is(status, 0);
  const result = JSON.parse(stdout) as { brokerId: number; evidence: string };
  assert.is(result.brokerId, 0);
  assert.is(result.evidence, 'released');
  assert.match(stderr, /waiting for a broker id .*shutting down/);
  assert.equal(readdirSync(place.volume).sort(), ['.barnabas', 'kafka-logs-0']);
  await old.finished;
});

test('SIGKILL of the wrapper alone: the broker lives on, and nobody can take its id', async ({ place }) => {
  const { running, broker } = await startBroker(place, ['sleep', '1000']);
  running.child.kill('SIGKILL');
  await running.finished;
  assert.ok(isAlive(broker));
  const { status, stderr } = await claimOnce(place, '1s');
  assert.is(status, 4);
  assert.match(stderr, /holds the id lock/);
  assert.match((await agent(['release', '0', '--volume', place.volume])).stderr, /a live process holds its id lock/);
  process.kill(broker, 'SIGKILL');
});

test('SIGKILL of wrapper and broker: the id is free at once, on the evidence of its lock', async ({ place }) => {
  const { running, broker } = await startBroker(place, ['sleep', '1000']);
  running.child.kill('SIGKILL');
  process.kill(broker, 'SIGKILL');
  await running.finished;
  const { status, stdout } = await claimOnce(place, '5s');
  assert.is(status, 0);
  const { brokerId, generation, evidence } = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal({ brokerId, generation, evidence }, { brokerId: 0, generation: 2, evidence: 'lock-local' });
  assert.is(endOf(place, 1).kind, 'lock-local');
});

test("the broker's crash is the wrapper's exit status, and the id is released", async ({ place }) => {
  const { running, broker } = await startBroker(place, ['sleep', '1000']);
  process.kill(broker, 'SIGKILL');
  assert.is((await running.finished).status, 137);
  assert.is(endOf(place, 1).kind, 'released');
});

test('what the command leaves in its group is guarded on until it has ended', async ({ place }) => {
  const running = startAgent(['run', '--volume', place.volume, '--', 'sh', '-c', 'sleep 1.2 & exit 3']);
  await running.logged(/has ended, but what it started has not/);
  assert.is((await claimOnce(place, '0s')).status, 4);
  assert.is((await running.finished).status, 3);
  assert.is(endOf(place, 1).kind, 'released');
});

test('a process that left the group with the lock keeps the claim open', async ({ place }) => {
  const running = startAgent(['run', '--volume', place.volume, '--', 'setsid', 'sh', '-c', 'setsid sleep 30 & exit 0']);
  const { status, stderr } = await running.finished;
  assert.is(status, 0);
  assert.match(stderr, /a process outside the group of the broker holds its id lock: the claim stays/);
  assert.not(readdirSync(claimsOf(place)).includes('g00000001.end'));
  assert.is((await claimOnce(place, '0s')).status, 4);
  killSleepers();
});

/** What a test left alive on purpose. */
function killSleepers(): void {
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'latin1');
      const command = readFileSync(`/proc/${name}/cmdline`, 'latin1');
      if (environment.includes(String(process.env['BARNABAS_TEST_RUN'])) && command.startsWith('sleep\0')) {
        process.kill(Number(name), 'SIGKILL');
      }
    } catch {
      // Ended since the listing.
    }
  }
}

test('a newer generation kills the broker at the next beat', async ({ place }) => {
  const { running, broker } = await startBroker(place, ['sleep', '1000']);
  const record = JSON.parse(readFileSync(join(claimsOf(place), 'g00000001'), 'utf8')) as object;
  writeFileSync(join(claimsOf(place), 'g00000002'), JSON.stringify({ ...record, generation: 2 }));
  const { status, stderr } = await running.finished;
  assert.is(status, 1);
  assert.match(stderr, /broker 0 was killed, since it had lost its id: generation 2 stands/);
  assert.not(isAlive(broker));
});

test('a lock file that was replaced kills the broker: another could lock the new one', async ({ place }) => {
  const { running, broker } = await startBroker(place, ['sleep', '1000']);
  renameSync(lockOf(place), join(place.directory, 'moved'));
  writeFileSync(lockOf(place), '');
  const { status, stderr } = await running.finished;
  assert.is(status, 1);
  assert.match(stderr, /is no longer the file that it locked/);
  assert.not(isAlive(broker));
});

test('a blocked event loop and a full pipe do not hold up the guard', async ({ place }) => {
  const { running, broker } = await startBroker(place, ['sleep', '1000']);
  // The main thread stands still in the debugger's sense: stopped threads can't be had singly, so fill its stderr instead.
  running.child.stderr?.pause();
  const record = JSON.parse(readFileSync(join(claimsOf(place), 'g00000001'), 'utf8')) as object;
  writeFileSync(join(claimsOf(place), 'g00000002'), JSON.stringify({ ...record, generation: 2 }));
  await until(() => !isAlive(broker), 'the guard to kill the broker');
  running.child.stderr?.resume();
  assert.is((await running.finished).status, 1);
});

test('a command that does not exist is a usage error, and its id is free again', async ({ place }) => {
  const { status, stderr } = await agent(['run', '--volume', place.volume, '--', '/no/such/broker']);
  assert.is(status, 2);
  assert.match(stderr, /cannot start \/no\/such\/broker: no such command/);
  assert.is(endOf(place, 1).kind, 'released');
});

test('told to stop while it waits for an id, it starts nothing and says so by its exit status', async ({ place }) => {
  const { running } = await startBroker(place, ['sleep', '1000']);
  const waiting = startAgent(['run', '--volume', place.volume, '--brokers', '1', '--', 'echo', 'never']);
  await waiting.logged(/waiting for a broker id/);
  waiting.child.kill('SIGTERM');
  const { status, stdout } = await waiting.finished;
  assert.is(status, 143);
  assert.is(stdout, '');
  running.child.kill('SIGTERM');
  await running.finished;
});

test('as PID 1 it hears signals, reaps its broker, and ends with its status', async ({ place }) => {
  const under = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const running = startAgent(['run', '--volume', place.volume, '--', 'sh', '-c', 'echo $PPID; exec sleep 1000'], {
    under,
  });
  await running.logged(started);
  await until(() => running.stdout() === '1\n', 'the broker to tell its parent');
  const [inner] = running.descendants();
  process.kill(Number(inner), 'SIGTERM');
  assert.is((await running.finished).status, 143);
  assert.is(endOf(place, 1).kind, 'released');
});

test.run();
