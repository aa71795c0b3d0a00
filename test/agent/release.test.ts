import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agent, scratch, startAgent, treeOf, type Scratch } from '../support/agent.ts';

const test = suite<{ place: Scratch }>('release and status', {} as { place: Scratch });
test.before.each((context) => {
  context.place = scratch();
});
test.after.each(({ place }) => place.remove());

const claim = (place: Scratch) =>
  agent(['claim', '--volume', place.volume, '--config-out', place.config], { env: { POD_NAME: 'kafka-a' } });
/** With a home of its own: no kubeconfig of whoever runs the tests is asked. */
const look = (place: Scratch, ...words: string[]) =>
  agent(['status', '--volume', place.volume, ...words], { env: { HOME: place.directory } });
const release = (place: Scratch, ...words: string[]) => agent(['release', '0', '--volume', place.volume, ...words]);

test('without evidence it is refused, and says what to do; nothing changes', async ({ place }) => {
  await claim(place);
  const before = treeOf(place.volume);
  const { status, stderr } = await release(place);
  assert.is(status, 3);
  assert.match(stderr, /no evidence against its holder: held by pod "kafka-a".*--force --reason TEXT/);
  assert.equal(treeOf(place.volume), before);
});

test('on a person’s word, with the reason kept on the volume', async ({ place }) => {
  await claim(place);
  const force = ['--force', '--reason', 'the node burnt down'];
  const before = treeOf(place.volume);
  const dry = await release(place, ...force, '--dry-run');
  assert.is(dry.stdout, 'the claim of broker id 0, generation 1, would end: asserted: the node burnt down\n');
  assert.equal(treeOf(place.volume), before);
  const done = await release(place, ...force, '--json');
  assert.is(done.status, 0);
  assert.equal(JSON.parse(done.stdout), {
    ...{ brokerId: 0, generation: 1, changed: true, evidence: 'asserted', detail: 'the node burnt down' },
  });
  const again = await release(place, ...force);
  assert.is(again.status, 0);
  assert.match(again.stdout, /had ended already/);
  const { stdout } = await agent(['claim', '--volume', place.volume, '--config-out', place.config, '--json']);
  assert.match(stdout, /"evidence": "asserted"/);
});

test('a live broker is never released, whatever a person says', async ({ place }) => {
  const running = startAgent(['run', '--volume', place.volume, '--config-out', place.config, '--', 'sleep', '1000']);
  await running.logged(/started the broker/);
  const { status, stderr } = await release(place, '--force', '--reason', 'I am sure');
  assert.is(status, 3);
  assert.match(stderr, /a live process holds its id lock.*stop that broker first/);
  running.child.kill('SIGTERM');
  await running.finished;
});

test('the evidence of a dead wrapper needs no force', async ({ place }) => {
  const running = startAgent(['run', '--volume', place.volume, '--config-out', place.config, '--', 'sleep', '1000']);
  const [, pid] = await running.logged(/started the broker .*pid=(\d+)/);
  running.child.kill('SIGKILL');
  process.kill(Number(pid), 'SIGKILL');
  await running.finished;
  const { status, stdout } = await release(place);
  assert.is(status, 0);
  assert.match(stdout, /has ended: lock-local/);
});

test('a record that can not be believed is ended by force alone', async ({ place }) => {
  await claim(place);
  const path = join(place.volume, '.barnabas/claims/0/g00000001');
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40));
  assert.is((await release(place)).status, 3);
  assert.is((await release(place, '--force', '--reason', 'torn by a crash of the server')).status, 0);
  const { stdout } = await look(place);
  assert.match(stdout, /free: asserted: torn by a crash of the server/);
});

test('without its lock file a claim is refused, and only a person’s word ends it', async ({ place }) => {
  const running = startAgent(['run', '--volume', place.volume, '--config-out', place.config, '--', 'sleep', '1000']);
  await running.logged(/started the broker/);
  rmSync(join(place.volume, '.barnabas/claims/0/lock'));
  const refused = await agent(['claim', '--volume', place.volume, '--config-out', place.config, '--brokers', '1']);
  assert.is(refused.status, 3);
  assert.match(
    refused.stderr,
    /claims\/0\/lock is gone, so whether its holder lives can't be seen: `barnabas release 0`/,
  );
  assert.is((await release(place)).status, 3);
  assert.is((await release(place, '--force', '--reason', 'I deleted it')).status, 0);
  // The guard of the broker that did live finds out at its next beat.
  assert.match((await running.finished).stderr, /broker 0 was killed, since it had lost its id/);
});

test('an id that nobody has claimed', async ({ place }) => {
  const { status, stderr } = await release(place);
  assert.is(status, 2);
  assert.match(stderr, /nobody has claimed it on this volume; `barnabas status` lists the claims/);
});

test('status shows ids, log dirs, holders and whether they live, and changes nothing', async ({ place }) => {
  const empty = await look(place);
  assert.match(empty.stdout, /no log dir and no claim yet/);
  await claim(place);
  const running = startAgent(['run', '--volume', place.volume, '--config-out', place.config, '--', 'sleep', '1000'], {
    env: { POD_NAME: 'kafka-b' },
  });
  await running.logged(/started the broker/);
  const { stdout, status } = await look(place);
  assert.is(status, 0);
  assert.match(stdout, /ID +LOG DIR +HOLDER +NODE +GENERATION +SINCE +LOCK +VERDICT/);
  assert.match(
    stdout,
    /0 +kafka-logs-0 \(0 B\) +kafka-a +- +1 +\d+s +free +claimed in init mode: a free lock says nothing/,
  );
  assert.match(stdout, /1 +kafka-logs-1 \(0 B\) +kafka-b +- +1 .* held +alive/);
  const json = await look(place, '--json');
  const { ids } = JSON.parse(json.stdout) as { ids: { id: number; lock: string; holder: { pod: string } }[] };
  assert.equal(
    ids.map(({ id, lock, holder }) => [id, lock, holder.pod]),
    [
      [0, 'free', 'kafka-a'],
      [1, 'held', 'kafka-b'],
    ],
  );
  running.child.kill('SIGTERM');
  await running.finished;
  assert.match((await look(place)).stdout, /free: released: its broker had ended/);
});

test('help for every command, a version, and a completion script', async () => {
  for (const words of [
    ['--help'],
    ['claim', '--help'],
    ['run', '--help'],
    ['release', '--help'],
    ['status', '--help'],
  ]) {
    const { status, stdout } = await agent(words);
    assert.is(status, 0);
    assert.match(stdout, /barnabas/);
    assert.match(stdout, /Exit\s+status:\s+0\s+done/);
  }
  assert.match((await agent(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  assert.match((await agent(['completion'])).stdout, /barnabas/);
});

test.run();
