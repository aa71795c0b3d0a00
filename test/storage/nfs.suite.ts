/** NFSv4.2 between real machines: a server whose lease is 15 s, and two clients that mount it with locks kept by it. */
import { setTimeout as delay } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { waitFor } from '../../demo/cluster/wait.ts';
import type { ClaimResult } from '../support/agent.ts';
import { barnabas, startMachines, volume, type Machine, type Machines } from './machines/machines.ts';

interface Context {
  machines: Machines;
  one: Machine;
  other: Machine;
}
const test = suite<Context>('NFSv4.2', {} as Context);

/** Longer than the lease: the server has given up a silent client's locks to whoever asks. */
const pastLeaseMs = 22_000;
const tell = (text: string): void => void process.stdout.write(`  ${text}\n`);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

test.before(async (context) => {
  context.machines = await startMachines(2);
  const [one, other] = context.machines.clients;
  if (!one || !other) throw new Error('two clients are needed');
  context.one = one;
  context.other = other;
});
// Undefined if they did not start: then that is the error to be told.
test.after(async ({ machines }: Partial<Context>) => await machines?.close());
test.before.each(async ({ one, other }) => {
  await one.get(`rm -rf ${volume}/* ${volume}/.barnabas`);
  // The other sees an empty volume too.
  await other.get(`touch ${volume}/fresh && rm ${volume}/fresh && ls -A ${volume}`);
});

interface Running {
  readonly agentPid: number;
  readonly brokerPid: number;
  readonly id: number;
}

/** The agent with a broker that writes into its log dir five times a second, as brokers do. */
async function startBroker(machine: Machine, pod: string): Promise<Running> {
  const writing = `while :; do date +%s.%N >>${volume}/kafka-logs-{id}/00000000.log; sleep 0.2; done`;
  const words = `run --volume ${volume} --brokers 2 --config-out /tmp/${pod}.properties -- sh -c '${writing}'`;
  const identity = `POD_NAME=${pod} POD_UID=uid-${pod} NODE_NAME=node-${machine.number}`;
  const started = `env ${identity} setsid ${barnabas} ${words} >/tmp/${pod}.log 2>&1 </dev/null & echo $!`;
  const agentPid = Number(await machine.get(started));
  const log = await awaitLog(machine, pod, /started the broker brokerId=(\d+) pid=(\d+)/);
  return { agentPid, id: Number(log[1]), brokerPid: Number(log[2]) };
}

async function awaitLog(machine: Machine, pod: string, pattern: RegExp): Promise<RegExpExecArray> {
  const untilMs = performance.now() + 60_000;
  for (;;) {
    const text = await machine.get(`cat /tmp/${pod}.log`);
    const match = pattern.exec(text);
    if (match) return match;
    if (performance.now() > untilMs) throw new Error(`${pod} did not log ${String(pattern)}:\n${text}`);
    await delay(200);
  }
}

const isAlive = async (machine: Machine, pid: number): Promise<boolean> =>
  (await machine.run(`[ -d /proc/${pid} ] && ! grep -q '^State:.Z' /proc/${pid}/status`)).status === 0;

async function awaitDeath(machine: Machine, pid: number, deadlineMs: number): Promise<number> {
  const startedMs = performance.now();
  while (await isAlive(machine, pid)) {
    if (performance.now() - startedMs > deadlineMs) throw new Error(`process ${pid} lives on`);
    await delay(50);
  }
  return performance.now() - startedMs;
}

const claim = (machine: Machine, pod: string, flags: string) =>
  machine.run(
    `POD_NAME=${pod} POD_UID=uid-${pod} NODE_NAME=node-${machine.number} ${barnabas} claim --volume ${volume} --config-out /tmp/${pod}.properties --json ${flags}`,
    120_000,
  );

const release = (machine: Machine, id: number) =>
  machine.run(`${barnabas} release ${id} --volume ${volume} --force --reason 'it is frozen or dead'`);

/** Tries until the server gives the lock away. In milliseconds since `sinceMs`. */
async function awaitRelease(machine: Machine, id: number, sinceMs: number): Promise<number> {
  for (;;) {
    const { status, stderr } = await release(machine, id);
    const tookMs = performance.now() - sinceMs;
    if (status === 0) return tookMs;
    assert.is(status, 3, stderr);
    assert.match(stderr, /a live process holds its id lock/);
    if (tookMs > 120_000) throw new Error('the lock was never given away');
  }
}

async function end(machine: Machine, { agentPid, brokerPid }: Running): Promise<void> {
  await machine.run(`kill -TERM ${agentPid}`);
  await awaitDeath(machine, brokerPid, 30_000);
  await awaitDeath(machine, agentPid, 30_000);
}

test('the doctor calls it safe, from one place and from two', async ({ one, other }) => {
  const alone = await one.get(`${barnabas} doctor --volume ${volume}`);
  assert.match(alone, /SAFE: its locks are kept by the server/);
  tell(alone.trim().split('\n').join('\n  '));
  const both = [one, other].map((machine) =>
    machine.get(`${barnabas} doctor --volume ${volume} --peer --wait 60s`, 90_000),
  );
  for (const text of await Promise.all(both)) {
    assert.match(text, /ok +locks between places +refused, then had/);
    assert.match(text, /ok +link race +50 with one winner, 0 with none, 0 with two/);
    assert.match(text, /SAFE: seen from two places at once/);
  }
});

test('twelve agents at once on two machines: twelve ids', async ({ one, other }) => {
  const claims = Array.from({ length: 12 }, (_, index) =>
    claim(index % 2 === 0 ? one : other, `kafka-${index}`, '--brokers 12 --wait 90s'),
  );
  const results = await Promise.all(claims);
  assert.ok(
    results.every(({ status }) => status === 0),
    JSON.stringify(results.find(({ status }) => status !== 0)),
  );
  const ids = results.map(({ stdout }) => (JSON.parse(stdout) as ClaimResult).brokerId);
  assert.equal(
    ids.sort((a, b) => a - b),
    Array.from({ length: 12 }, (_, index) => index),
  );
});

test('a frozen machine keeps its id; declared dead and thawed, its guard kills the broker at its first look', async ({
  one,
  other,
}) => {
  const zombie = await startBroker(one, 'zombie');
  const log = `${volume}/kafka-logs-${zombie.id}/00000000.log`;
  // Frozen before it has written anything, it would have no log to compare.
  await waitFor(async () => (await other.run(`test -s ${log}`)).status === 0 || undefined, {
    ...{ for: 'its log', deadlineMs: 60_000, everyMs: 200 },
  });
  one.freeze();
  const frozenMs = performance.now();
  await delay(pastLeaseMs);
  const refused = await claim(other, 'early', '--brokers 1 --wait 1s');
  assert.is(refused.status, 4, refused.stderr);
  const freedMs = await awaitRelease(other, zombie.id, frozenMs);
  const successor = await claim(other, 'successor', '--brokers 1 --wait 60s');
  assert.is(successor.status, 0, successor.stderr);
  const claimedMs = performance.now() - frozenMs;
  const before = Number(await other.get(`wc -l <${log}`));
  one.thaw();
  const killedMs = await awaitDeath(one, zombie.brokerPid, 30_000);
  await awaitDeath(one, zombie.agentPid, 30_000);
  await delay(1000);
  const after = Number(await other.get(`cat ${log} | wc -l`));
  assert.match(await one.get('cat /tmp/zombie.log'), /was killed, since it had lost its id/);
  tell(`frozen: its lock given away after ${seconds(freedMs)}, a successor after ${seconds(claimedMs)};`);
  tell(
    `thawed: its broker was dead after ${seconds(killedMs)}, and had written ${after - before} more times (5 a second)`,
  );
});

test('a machine that dies: held until a person says so, or until it boots again', async ({ one, other }) => {
  const lost = await startBroker(one, 'lost');
  const killedMs = performance.now();
  await one.kill();
  const waiting = await claim(other, 'waiting', '--brokers 1 --wait 1s');
  assert.is(waiting.status, 4, waiting.stderr);
  const freedMs = await awaitRelease(other, lost.id, killedMs);
  const successor = await claim(other, 'next', '--brokers 1 --wait 60s --json');
  assert.is(successor.status, 0, successor.stderr);
  tell(
    `dead: its lock given away after ${seconds(freedMs)}, and on a person's word its id was claimed after ${seconds(performance.now() - killedMs)}`,
  );
  await one.boot();
  await one.get(`rm -rf ${volume}/* ${volume}/.barnabas`);
  const again = await startBroker(one, 'rebooting');
  const downMs = performance.now();
  await one.kill();
  await one.boot();
  const taken = await claim(one, 'after', '--brokers 1 --wait 90s');
  assert.is(taken.status, 0, taken.stderr);
  const { brokerId, evidence } = JSON.parse(taken.stdout) as ClaimResult;
  assert.equal([brokerId, evidence], [again.id, 'reboot']);
  tell(
    `booted again: its id was claimed on evidence "reboot" ${seconds(performance.now() - downMs)} after the crash, the boot among it`,
  );
});

test('a cut cable: nobody gets the id, and mended, the broker serves on', async ({ one, other }) => {
  const cut = await startBroker(one, 'cut');
  await one.get('ip link set eth1 down');
  await delay(pastLeaseMs);
  assert.is((await claim(other, 'eager', '--brokers 1 --wait 1s')).status, 4);
  await one.get('ip link set eth1 up');
  const mendedMs = performance.now();
  const log = `${volume}/kafka-logs-${cut.id}/00000000.log`;
  const before = Number(await other.get(`cat ${log} | wc -l`));
  let now = before;
  while (now === before && performance.now() - mendedMs < 120_000) {
    await delay(500);
    now = Number(await other.get(`cat ${log} | wc -l`));
  }
  assert.ok(now > before, 'it writes again');
  tell(`cut for ${seconds(pastLeaseMs)}: written again ${seconds(performance.now() - mendedMs)} after it was mended`);
  await delay(12_000);
  assert.ok(await isAlive(one, cut.brokerPid), await one.get('cat /tmp/cut.log'));
  assert.is((await claim(other, 'eager', '--brokers 1 --wait 1s')).status, 4);
  await end(one, cut);
});

test('the server restarts: the clients reclaim their locks, and nobody else gets the id', async ({
  machines,
  one,
  other,
}) => {
  const kept = await startBroker(one, 'kept');
  await machines.server.get('rpc.nfsd 0; sleep 2; rpc.nfsd -N 3 -V 4 4');
  const restartedMs = performance.now();
  const tried = await claim(other, 'eager', '--brokers 1 --wait 1s');
  assert.is(tried.status, 4, tried.stderr);
  const log = `${volume}/kafka-logs-${kept.id}/00000000.log`;
  const before = Number(await other.get(`cat ${log} | wc -l`, 90_000));
  let now = before;
  while (now === before && performance.now() - restartedMs < 120_000) {
    await delay(500);
    now = Number(await other.get(`cat ${log} | wc -l`, 90_000));
  }
  tell(`the server was restarted: written again ${seconds(performance.now() - restartedMs)} after that`);
  await delay(12_000);
  assert.ok(await isAlive(one, kept.brokerPid), await one.get('cat /tmp/kept.log'));
  assert.is((await claim(other, 'eager', '--brokers 1 --wait 1s')).status, 4);
  await end(one, kept);
  const next = await claim(other, 'next', '--brokers 1 --wait 60s');
  assert.is(next.status, 0, next.stderr);
  assert.is((JSON.parse(next.stdout) as ClaimResult).evidence, 'released');
});

test.run();
