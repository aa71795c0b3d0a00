/** GlusterFS, one volume mounted twice on one machine: locks that may be lost in silence, so they are not trusted. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnosis } from '../../src/domain/doctor/judge.ts';
import { agent, startAgent, until, type ClaimResult } from '../support/agent.ts';

interface Context {
  directory: string;
  volumeName: string;
  mounts: [string, string];
}
const test = suite<Context>('GlusterFS', {} as Context);

function command(file: string, ...words: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(file, words, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`${file} ${words.join(' ')}: ${error?.message ?? `${stderr}${stdout}`}`);
  return stdout;
}
const gluster = (...words: string[]): string => command('gluster', '--mode=script', ...words);

test.before(async (context) => {
  context.directory = mkdtempSync(join(tmpdir(), 'gluster-'));
  context.volumeName = `barnabas${process.pid}`;
  const brick = join(context.directory, 'brick');
  context.mounts = [join(context.directory, 'one'), join(context.directory, 'two')];
  for (const path of [brick, ...context.mounts]) mkdirSync(path);
  const daemon = spawn('glusterd', ['--no-daemon', '--log-file', join(context.directory, 'glusterd.log')], {
    stdio: 'ignore',
  });
  glusterd = daemon;
  await until(
    () => spawnSync('gluster', ['pool', 'list'], { timeout: 5000 }).status === 0,
    'glusterd to answer',
    60_000,
  );
  gluster('volume', 'create', context.volumeName, `${hostname()}:${brick}`, 'force');
  gluster('volume', 'start', context.volumeName);
  for (const path of context.mounts) command('mount', '-t', 'glusterfs', `${hostname()}:/${context.volumeName}`, path);
});
let glusterd: ReturnType<typeof spawn> | undefined;

test.after(async ({ directory, volumeName, mounts }) => {
  for (const path of mounts) spawnSync('umount', ['-l', path]);
  spawnSync('gluster', ['--mode=script', 'volume', 'stop', volumeName, 'force'], { timeout: 60_000 });
  spawnSync('gluster', ['--mode=script', 'volume', 'delete', volumeName], { timeout: 60_000 });
  // Its hooks run on after the answer, and ask glusterd once more.
  const hooks = () => spawnSync('pgrep', ['-f', `hooks/.*--volname=${volumeName}`]).status === 0;
  await until(() => !hooks(), 'the hooks of glusterd to end', 30_000);
  glusterd?.kill('SIGKILL');
  await delay(500);
  rmSync(directory, { recursive: true, force: true });
});

const identity = (pod: string) => ({ env: { POD_NAME: pod, POD_UID: `uid-${pod}`, NODE_NAME: `node-${pod}` } });
const accept = ['--accept-storage', 'fuse.glusterfs'];
const claim = ({ directory }: Context, [mount, pod]: readonly [mount: string, pod: string], ...words: string[]) =>
  agent(
    ['claim', '--volume', mount, '--config-out', join(directory, `${pod}.properties`), '--json', ...words],
    identity(pod),
  );

test('the doctor calls it unsafe, and why; nobody claims there without naming it', async (context) => {
  const [one] = context.mounts;
  const { status, stdout } = await agent(['doctor', '--volume', one]);
  process.stdout.write(`  ${stdout.trim().split('\n').join('\n  ')}\n`);
  assert.is(status, 3);
  assert.match(stdout, /BAD +file system +fuse\.glusterfs/);
  assert.match(stdout, /UNSAFE: file system: fuse\.glusterfs/);
  const { checks } = JSON.parse((await agent(['doctor', '--volume', one, '--json'])).stdout) as Diagnosis;
  assert.is(checks.find(({ name }) => name === 'link')?.grade, 'good');
  const refused = await claim(context, [one, 'careless']);
  assert.is(refused.status, 3);
  assert.match(
    refused.stderr,
    /record locks on it prove nothing .*--accept-storage fuse\.glusterfs claims there all the same/,
  );
});

test('through two mounts, ten agents at once: ten ids', async (context) => {
  const crowd = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      claim(
        context,
        [context.mounts[index % 2] as string, `kafka-${index}`],
        '--brokers',
        '10',
        '--wait',
        '90s',
        ...accept,
      ),
    ),
  );
  assert.ok(
    crowd.every(({ status }) => status === 0),
    crowd.find(({ status }) => status !== 0)?.stderr,
  );
  const ids = crowd.map(({ stdout }) => (JSON.parse(stdout) as ClaimResult).brokerId);
  assert.equal(
    ids.sort((a, b) => a - b),
    Array.from({ length: 10 }, (_, index) => index),
  );
  for (const id of ids) {
    const words = ['release', String(id), '--volume', context.mounts[0], '--force', '--reason', 'the test is over'];
    assert.is((await agent(words)).status, 0);
  }
});

for (const fate of ['killed', 'frozen'] as const) {
  test(`a holder whose mount's client is ${fate}: its id stays taken`, async (context) => {
    const [one, two] = context.mounts;
    const config = join(context.directory, `holder-${fate}.properties`);
    const words = ['run', '--volume', one, '--brokers', '10', '--config-out', config, ...accept, '--', 'sleep', '1000'];
    const running = startAgent(words, identity(`holder-${fate}`));
    // Where the last holder was declared dead by a person, its guard is given some beats first.
    const [, id] = await running.logged(/claimed broker id brokerId=(\d+)/, 60_000);
    const [, broker] = await running.logged(/started the broker .*pid=(\d+)/);
    const client = clientOf(one);
    process.kill(client, fate === 'frozen' ? 'SIGSTOP' : 'SIGKILL');
    try {
      // Every other id is free; the holder's is the one that nobody gets, however long its client is silent.
      const others = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          claim(context, [two, `${fate}-${index}`], '--brokers', '10', '--wait', '8s', ...accept),
        ),
      );
      const ids = others.flatMap(({ stdout }) => (stdout === '' ? [] : [(JSON.parse(stdout) as ClaimResult).brokerId]));
      assert.is(ids.length, 9, others.map(({ stderr }) => stderr).join('\n'));
      assert.is(new Set(ids).size, 9);
      assert.not.ok(ids.includes(Number(id)));
      for (const one of ids) {
        assert.is((await agent(['release', String(one), '--volume', two, '--force', '--reason', 'over'])).status, 0);
      }
    } finally {
      if (fate === 'frozen') process.kill(client, 'SIGCONT');
      process.kill(Number(broker), 'SIGKILL');
      running.child.kill('SIGKILL');
      await running.finished;
      if (fate === 'killed') {
        spawnSync('umount', ['-l', one]);
        command('mount', '-t', 'glusterfs', `${hostname()}:/${context.volumeName}`, one);
      }
    }
    // Now it is dead, and on this storage only a person can say so.
    const ended = await agent(['release', String(id), '--volume', two, '--force', '--reason', 'its broker was killed']);
    assert.is(ended.status, 0, ended.stderr);
  });
}

/** The FUSE client that serves a mount. */
function clientOf(mount: string): number {
  const listed = command('pgrep', '-f', `glusterfs .*${mount}$`).trim().split('\n').map(Number);
  const client = listed.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mount));
  if (client === undefined) throw new Error(`no client of ${mount}`);
  return client;
}

test.run();
