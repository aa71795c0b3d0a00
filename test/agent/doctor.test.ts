/** The doctor on this machine's file systems. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnosis } from '../../src/domain/doctor/judge.ts';
import { agent, scratch, startAgent, type Scratch } from '../support/agent.ts';
import { fillUpTo, mountTmpfs } from '../support/mounts.ts';

const test = suite<{ place: Scratch }>('the doctor', {} as { place: Scratch });
test.before.each((context) => {
  context.place = scratch();
});
test.after.each(({ place }) => place.remove());

const doctor = (place: Scratch, ...words: string[]) => agent(['doctor', '--volume', place.volume, ...words]);

test('every check, a verdict, how to mend; and nothing stays on the volume', async ({ place }) => {
  const { status, stdout } = await doctor(place);
  assert.is(status, 0);
  assert.match(stdout, /CHECK +SEEN +MEANS/);
  assert.match(stdout, /ok +locks between processes +refused while the other held it/);
  assert.match(stdout, /ok +lock after a kill +had after \d+ ms/);
  assert.match(stdout, /ok +link +link count 2, then EEXIST/);
  assert.match(stdout, /: ONE MACHINE ONLY: /);
  assert.equal(readdirSync(place.volume), []);
});

test('the same as JSON', async ({ place }) => {
  const { stdout } = await doctor(place, '--json');
  const { verdict, checks } = JSON.parse(stdout) as Diagnosis;
  assert.is(verdict, 'one machine only');
  assert.is(checks.length, 10);
  assert.ok(checks.every(({ name, did, saw, means }) => [name, did, saw, means].every((text) => text.length > 2)));
});

test('a volume with no room is unsafe, with exit status 3', async ({ place }) => {
  const mounted = mountTmpfs(place.volume, 'size=1m');
  try {
    fillUpTo(place.volume, 0);
    const { status, stdout } = await doctor(place);
    assert.is(status, 3, stdout);
    assert.match(stdout, /BAD +space .*no claim can be written/);
    assert.match(stdout, /to mend: space: make room on the volume/);
    assert.match(stdout, /: UNSAFE: /);
  } finally {
    mounted.unmount();
  }
});

test('two doctors on one volume find each other', async ({ place }) => {
  const [one, other] = await Promise.all([1, 2].map(() => doctor(place, '--peer', '--wait', '30s', '--json')));
  for (const { status, stdout, stderr } of [one, other] as [typeof one & object, typeof one & object]) {
    assert.is(status, 0, stderr);
    const { checks } = JSON.parse(stdout) as Diagnosis;
    const seen = new Map(checks.map(({ name, saw }) => [name, saw]));
    assert.is(seen.get('locks between places'), 'refused, then had');
    assert.is(seen.get('link race'), '50 with one winner, 0 with none, 0 with two');
  }
  assert.equal(readdirSync(place.volume), []);
});

test('a doctor that nobody joins says so', async ({ place }) => {
  const { status, stderr } = await doctor(place, '--peer', '--wait', '200ms');
  assert.is(status, 4);
  assert.match(stderr, /no other doctor came .* within 0.2 s: start one with --peer in another pod/);
  assert.equal(readdirSync(place.volume), []);
});

test('a running cluster is not disturbed, and a file where the volume should be is an error', async ({ place }) => {
  const running = startAgent(['run', '--volume', place.volume, '--config-out', place.config, '--', 'sleep', '1000']);
  await running.logged(/started the broker/);
  const before = readdirSync(place.volume).sort();
  assert.is((await doctor(place)).status, 0);
  assert.equal(readdirSync(place.volume).sort(), before);
  running.child.kill('SIGTERM');
  assert.is((await running.finished).status, 143);
  writeFileSync(join(place.directory, 'file'), '');
  assert.is((await agent(['doctor', '--volume', join(place.directory, 'file')])).status, 2);
});

test('interrupted, it leaves nothing behind', async ({ place }) => {
  mkdirSync(place.volume, { recursive: true });
  const running = startAgent(['doctor', '--volume', place.volume, '--peer', '--wait', '60s']);
  await running.logged(/waiting for a doctor in another place/);
  running.child.kill('SIGINT');
  assert.is((await running.finished).status, 130);
  assert.equal(readdirSync(place.volume), []);
});

test.run();
