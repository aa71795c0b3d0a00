/** The sidecar beside a broker in a mount namespace of its own, as in a pod that shares its PID namespace. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agent, isAlive, scratch, startAgent, until, type RunningAgent, type Scratch } from '../support/agent.ts';
import { freePort, startContainer as startContainerProcess } from '../support/container.ts';

interface Context {
  readonly place: Scratch;
  readonly gate: string;
  readonly probes: number;
  readonly broker: number;
  readonly started: ChildProcess[];
}

const test = suite<Context>('keep', {} as Context);
test.before.each(async (context) => {
  const place = scratch();
  const gate = join(place.directory, 'gate');
  mkdirSync(gate);
  Object.assign(context, { place, gate, probes: await freePort(), broker: await freePort(), started: [] });
});
test.after.each(({ place, started }) => {
  for (const { pid } of started) if (pid !== undefined && isAlive(pid)) process.kill(-pid, 'SIGKILL');
  place.remove();
});

function startSidecar({ place, gate, probes, broker }: Context, ...words: string[]): RunningAgent {
  const running = startAgent(
    ['keep', '--volume', place.volume, '--brokers', '1', '--gate', gate, '--listen', String(probes), ...words],
    { env: { POD_UID: 'uid-a', POD_NAME: 'kafka-a', KAFKA_LISTENERS: `PLAINTEXT://127.0.0.1:${broker}` } },
  );
  return running;
}

function startContainer({ gate, started }: Context, command: readonly string[]): number {
  const child = startContainerProcess(gate, command);
  started.push(child);
  return Number(child.pid);
}

const serve = ({ broker }: Context): string[] => [
  process.execPath,
  '-e',
  `require('node:net').createServer().listen(${broker}, '127.0.0.1')`,
];

const used = ({ gate }: Context): string[] => readdirSync(gate).filter((name) => name.startsWith('broker.'));
const hasPermit = ({ gate }: Context): boolean => existsSync(join(gate, 'permit'));
const claims = ({ place }: Context): string => join(place.volume, '.barnabas/claims/0');
const generations = (context: Context): string[] =>
  readdirSync(claims(context))
    .filter((name) => name.startsWith('g'))
    .sort();

async function probe({ probes }: Context, path: string): Promise<readonly [number, string]> {
  const response = await fetch(`http://127.0.0.1:${probes}${path}`, { signal: AbortSignal.timeout(5000) });
  return [response.status, await response.text()];
}

async function untilReady(context: Context): Promise<void> {
  for (let status = 0; status !== 200;) [status] = await probe(context, '/ready').catch(() => [0]);
}

test('each start of the broker takes a permit, the probes tell, and the id is released after its end', async (context) => {
  const sidecar = startSidecar(context);
  await until(() => hasPermit(context), 'the first permit');
  assert.is((await probe(context, '/started'))[0], 200);
  assert.equal(await probe(context, '/ready'), [503, 'the broker does not run\n']);
  assert.match(readFileSync(join(context.gate, 'server.properties'), 'utf8'), /^broker\.id=0$/m);

  const first = startContainer(context, serve(context));
  await untilReady(context);
  assert.not.ok(hasPermit(context));
  assert.match(used(context).join(), new RegExp(`^broker\\.${first}\\.\\d+$`));
  process.kill(first, 'SIGKILL');
  await until(() => hasPermit(context), 'the second permit');
  assert.is((await probe(context, '/ready'))[0], 503);

  const second = startContainer(context, serve(context));
  await untilReady(context);
  assert.match((await probe(context, '/metrics'))[1], /^barnabas_permits 2$/m);
  assert.match(
    (await probe(context, '/metrics'))[1],
    /^barnabas_claim_info\{broker_id="0",generation="1",evidence="new"\} 1$/m,
  );
  assert.equal(generations(context), ['g00000001']);

  sidecar.child.kill('SIGTERM');
  await until(() => isAlive(second), 'the broker');
  process.kill(second, 'SIGTERM');
  assert.is((await sidecar.finished).status, 0);
  assert.equal(generations(context), ['g00000001', 'g00000001.end']);
  assert.not.ok(hasPermit(context));
});

test('killed and restarted beside its living broker, it takes its claim up again and gives no permit', async (context) => {
  const killed = startSidecar(context);
  const broker = startContainer(context, serve(context));
  await killed.logged(/the broker has started/);
  killed.child.kill('SIGKILL');
  await killed.finished;
  const sidecar = startSidecar(context);
  await sidecar.logged(/took up the claim .* brokerId=0 generation=1 pid=(\d+)/);
  await untilReady(context);
  assert.ok(isAlive(broker));
  assert.not.ok(hasPermit(context));
  assert.equal(generations(context), ['g00000001']);
  process.kill(broker, 'SIGKILL');
  await until(() => hasPermit(context), 'a permit for the next start');
  sidecar.child.kill('SIGTERM');
  await sidecar.finished;
});

test('declared over, it kills the whole container within a beat, and nothing starts again', async (context) => {
  const sidecar = startSidecar(context);
  const broker = startContainer(context, ['sh', '-c', 'sleep 1000 & sleep 1001 & wait']);
  await sidecar.logged(/the broker has started/);
  const record = JSON.parse(readFileSync(join(claims(context), 'g00000001'), 'utf8')) as { pod: unknown };
  const end = { layout: 1, id: 0, generation: 1, kind: 'asserted', by: record.pod, detail: 'a test', nonce: 'n' };
  writeFileSync(join(claims(context), 'g00000001.end'), JSON.stringify({ ...end, wallTime: 'now' }));
  const { status, stderr } = await sidecar.finished;
  assert.is(status, 1, stderr);
  assert.match(stderr, /broker 0 was killed, since it had lost its id: generation 1 was declared over/);
  assert.not.ok(isAlive(broker));
  const next = startContainer(context, ['true']);
  assert.not.ok(hasPermit(context));
  assert.ok(isAlive(next));
});

test('a broker without a claim is killed by the next agent, before that claims anew', async (context) => {
  const killed = startSidecar(context);
  const broker = startContainer(context, serve(context));
  await killed.logged(/the broker has started/);
  killed.child.kill('SIGKILL');
  await killed.finished;
  const released = await agent(['release', '0', '--volume', context.place.volume, '--force', '--reason', 'a test']);
  assert.is(released.status, 0, released.stderr);
  const sidecar = startSidecar(context);
  await sidecar.logged(/a broker runs here without a claim: killing it/);
  await until(() => !isAlive(broker), 'its end');
  sidecar.child.kill('SIGTERM');
  await sidecar.finished;
});

test('a permit that nobody used is taken back by the next agent before it claims', async (context) => {
  const killed = startSidecar(context);
  await until(() => hasPermit(context), 'the permit');
  killed.child.kill('SIGKILL');
  await killed.finished;
  const refused = startSidecar(context, '--volume-uuid', 'another');
  assert.is((await refused.finished).status, 3, refused.stderr());
  assert.not.ok(hasPermit(context));
});

test('what the first process of the container leaves behind holds up the next permit', async (context) => {
  const sidecar = startSidecar(context);
  const broker = startContainer(context, ['sh', '-c', 'sleep 1000 & exec sleep 1001']);
  await sidecar.logged(/the broker has started/);
  process.kill(broker, 'SIGKILL');
  await until(() => !isAlive(broker), 'the end of the first process');
  assert.not.ok(hasPermit(context));
  process.kill(-broker, 'SIGKILL');
  await until(() => hasPermit(context), 'the next permit');
  sidecar.child.kill('SIGTERM');
  await sidecar.finished;
});

for (const [what, words] of [
  ['a broker that answers nothing', []],
  ['nobody at all', ['--bootstrap', '127.0.0.1:1']],
  ['what is no address', ['--bootstrap', 'nobody.invalid:9092', '--sasl-mechanism', 'PLAIN', '--sasl-user', 'x']],
] as const) {
  test(`--elect, asking ${what}: it warns at most, guards on, and ends at once`, async (context) => {
    const sidecar = startSidecar(context, '--elect', '--in-sync-for', '0s', ...words);
    const broker = startContainer(context, serve(context));
    await untilReady(context);
    await sidecar.logged(/this broker is not elected yet|cannot have this broker elected/, 30_000);
    assert.ok(isAlive(broker));
    assert.is((await probe(context, '/live'))[0], 200);
    process.kill(broker, 'SIGKILL');
    await until(() => hasPermit(context), 'the permit for the next start');
    sidecar.child.kill('SIGTERM');
    const { status, stderr } = await sidecar.finished;
    assert.is(status, 0, stderr);
    assert.not.match(stderr, /ERROR|internal error/);
    assert.equal(generations(context), ['g00000001', 'g00000001.end']);
  });
}

test('without a gate, or with one that is not there, it says what to do', async ({ place }) => {
  const none = await agent(['keep', '--volume', place.volume]);
  assert.is(none.status, 2);
  assert.match(none.stderr, /--gate DIR is missing/);
  const absent = await agent(['keep', '--volume', place.volume, '--gate', join(place.directory, 'no')]);
  assert.is(absent.status, 2);
  assert.match(absent.stderr, /no writable directory; mount the same emptyDir/);
});

test.run();
