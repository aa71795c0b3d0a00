/** ext4 and xfs on loop devices, tmpfs with limits, and a mount that turns read-only under a running broker. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnosis } from '../../src/domain/doctor/judge.ts';
import { agent, scratch, startAgent, type ClaimResult, type Scratch } from '../support/agent.ts';

const test = suite<{ place: Scratch; mounted: string[] }>('local storage', {} as never);
test.before.each((context) => {
  context.place = scratch();
  context.mounted = [];
  mkdirSync(context.place.volume, { recursive: true });
});
test.after.each(({ place, mounted }) => {
  for (const path of mounted) command('umount', path);
  place.remove();
});

function command(file: string, ...words: string[]): void {
  const { status, stderr, error } = spawnSync(file, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} ${words.join(' ')}: ${error?.message ?? stderr}`);
}

/** To the last block: what is reserved for root too. */
function fill(path: string): void {
  for (const size of ['256k', '4k', '512']) {
    spawnSync('dd', ['if=/dev/zero', `of=${join(path, 'filler')}`, `bs=${size}`, 'oflag=append', 'conv=notrunc,fsync']);
  }
}

type Mount = (place: Scratch) => void;

const onLoop =
  (type: string, size: string): Mount =>
  ({ directory, volume }) => {
    const image = join(directory, 'image');
    command('truncate', '-s', size, image);
    command(`mkfs.${type}`, '-q', image);
    command('mount', '-o', 'loop', image, volume);
    // ext4 puts it there, and it is none of Kafka's.
    rmSync(join(volume, 'lost+found'), { recursive: true, force: true });
  };
const onTmpfs: Mount = ({ volume }) => command('mount', '-t', 'tmpfs', '-o', 'size=8m,nr_inodes=500', 'tmpfs', volume);

const identity = (pod: string) => ({ env: { POD_NAME: pod, POD_UID: `uid-${pod}` } });
const claim = (place: Scratch, pod: string, ...words: string[]) =>
  agent(
    ['claim', '--volume', place.volume, '--config-out', join(place.directory, `${pod}.properties`), '--json', ...words],
    identity(pod),
  );

for (const [name, mount] of [
  ['ext4', onLoop('ext4', '64M')],
  ['xfs', onLoop('xfs', '320M')],
  ['tmpfs', onTmpfs],
] as const) {
  test(`${name}: the doctor's verdict, twenty agents at once`, async ({ place, mounted }) => {
    mount(place);
    mounted.push(place.volume);
    const { status, stdout } = await agent(['doctor', '--volume', place.volume]);
    assert.is(status, 0, stdout);
    process.stdout.write(`  ${stdout.trim().split('\n').join('\n  ')}\n`);
    assert.match(stdout, new RegExp(`ONE MACHINE ONLY: ${name} belongs to one machine`));
    const crowd = await Promise.all(
      Array.from({ length: 20 }, (_, index) => claim(place, `kafka-${index}`, '--brokers', '20')),
    );
    const ids = crowd.map(({ stdout: text, stderr }) =>
      text === '' ? stderr : (JSON.parse(text) as ClaimResult).brokerId,
    );
    assert.equal(new Set(ids).size, 20, ids.join());
  });

  test(`${name}: SIGKILL of wrapper and broker, and a full volume`, async ({ place, mounted }) => {
    mount(place);
    mounted.push(place.volume);
    const words = [
      'run',
      '--volume',
      place.volume,
      '--brokers',
      '1',
      '--config-out',
      place.config,
      '--',
      'sleep',
      '1000',
    ];
    const running = startAgent(words, identity('dying'));
    const [, pid] = await running.logged(/started the broker .*pid=(\d+)/);
    assert.is((await claim(place, 'eager', '--brokers', '1', '--wait', '0s')).status, 4);
    running.child.kill('SIGKILL');
    await running.finished;
    assert.is((await claim(place, 'eager', '--brokers', '1', '--wait', '0s')).status, 4, 'the broker lives');
    process.kill(Number(pid), 'SIGKILL');
    fill(place.volume);
    const full = await claim(place, 'late', '--brokers', '1', '--wait', '5s');
    assert.is(full.status, 1, full.stderr);
    assert.match(full.stderr, /no space|full/i);
    rmSync(join(place.volume, 'filler'));
    const { status, stdout, stderr } = await claim(place, 'late', '--brokers', '1', '--wait', '5s');
    assert.is(status, 0, stderr);
    assert.is((JSON.parse(stdout) as ClaimResult).evidence, 'lock-local');
  });
}

test('a volume that turns read-only: the broker lives on, the doctor says why nothing works, and nothing is lost', async ({
  place,
  mounted,
}) => {
  onTmpfs(place);
  mounted.push(place.volume);
  const words = [
    'run',
    '--volume',
    place.volume,
    '--brokers',
    '2',
    '--config-out',
    place.config,
    '--',
    'sleep',
    '1000',
  ];
  const running = startAgent(words, identity('steady'));
  await running.logged(/started the broker/);
  // A writer keeps a mount from turning read-only, so the superblock is told, as an error of the disk would do.
  const remounted = spawnSync('mount', ['-o', 'remount,ro,size=8m', place.volume], { encoding: 'utf8' });
  if (remounted.status !== 0) {
    // The guard holds the lock file open for writing: EBUSY is the kernel's answer, and then there is nothing to see.
    assert.match(remounted.stderr, /busy/);
    running.child.kill('SIGTERM');
    assert.is((await running.finished).status, 143);
    command('mount', '-o', 'remount,ro,size=8m', place.volume);
  }
  const before = readdirSync(place.volume, { recursive: true }).sort();
  const refused = await claim(place, 'other', '--brokers', '2', '--wait', '1s');
  assert.is(refused.status, 1, refused.stderr);
  assert.match(refused.stderr, /read-only/);
  const { status, stdout } = await agent(['doctor', '--volume', place.volume, '--json']);
  assert.is(status, 3);
  const { verdict, checks } = JSON.parse(stdout) as Diagnosis;
  assert.is(verdict, 'unsafe');
  assert.ok(checks.some(({ saw, mend }) => saw === 'it failed: EROFS' && mend === 'mount the volume for writing'));
  assert.equal(readdirSync(place.volume, { recursive: true }).sort(), before);
  command('mount', '-o', 'remount,rw,size=8m', place.volume);
  await delay(0);
  assert.is((await claim(place, 'other', '--brokers', '2', '--wait', '1s')).status, 0);
});

test.run();
