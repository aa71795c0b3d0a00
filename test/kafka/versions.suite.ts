/** Kafka's own locks and ours, with the versions that differ: what is inherited, who excludes whom, and what is unlinked. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { brokerCommand, findJars } from '../../demo/cluster/jars.ts';
import { setStage, type Stage } from '../../demo/stage.ts';
import { tryOfdLock } from '../../src/volume/ofd-lock.ts';
import { agent, until } from '../support/agent.ts';

const deadlineMs = 90_000;
/** 0.10 writes `[Kafka Server 0], started`, later ones `[KafkaServer id=0] started`. */
const started = /\[Kafka ?Server (id=)?\d+\],? started/;

/** The last column: whether a clean stop takes the file `.lock` away (Kafka 3.8 and newer). */
const versions = [
  ['0.10.1.1', false],
  ['2.8.2', false],
  ['3.7.2', false],
  ['3.9.2', true],
] as const;

const one = { KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1', KAFKA_MIN_INSYNC_REPLICAS: '1' };

for (const [version, unlinks] of versions) {
  const test = suite<{ stage: Stage }>(`Kafka ${version}`, {} as never);
  test.before(async (context) => {
    context.stage = await setStage({ brokers: 1, version, environment: one });
  });
  test.after(({ stage }) => stage.clear());

  const claim = ({ volume, directory }: Stage) =>
    agent([
      'claim',
      '--volume',
      volume,
      '--brokers',
      '1',
      '--wait',
      '0s',
      '--config-out',
      join(directory, 'claim.properties'),
    ]);
  const lockOf = ({ volume }: Stage): string => join(volume, 'kafka-logs-0/.lock');

  test('its process has the id lock, through the start script; it keeps it when the wrapper is killed', async ({
    stage,
  }) => {
    const pod = stage.startPod();
    await pod.wrote(started, deadlineMs);
    const pid = Number(pod.brokerPid());
    assert.match(readFileSync(`/proc/${pid}/comm`, 'utf8'), /^java/);
    assert.match(readlinkSync(`/proc/${pid}/fd/3`), /claims\/0\/lock$/);
    await pod.killAgent();
    const held = await claim(stage);
    assert.is(held.status, 4, held.stderr);
    process.kill(pid, 'SIGKILL');
    await until(() => !existsSync(`/proc/${pid}/fd/3`), 'the broker to end');
  });

  test(`a clean stop ${unlinks ? 'takes' : 'leaves'} its .lock, and either way its replacement starts`, async ({
    stage,
  }) => {
    const pod = stage.startPod();
    await pod.wrote(started, deadlineMs);
    assert.equal(await pod.stop(60_000), { status: 143 });
    assert.is(existsSync(lockOf(stage)), !unlinks);
    const next = stage.startPod();
    await next.wrote(started, deadlineMs);
    assert.match(next.output(), /evidence=released/);
    assert.equal(await next.stop(60_000), { status: 143 });
  });

  test('status tells its release, and that all is well', async ({ stage }) => {
    const pod = stage.startPod();
    await pod.wrote(started, deadlineMs);
    const sources = ['--volume', stage.volume, '--bootstrap', `${pod.ip}:9092`];
    const { stdout, status } = await agent(['status', '--json', ...sources], { env: { HOME: stage.directory } });
    const { brokers } = JSON.parse(stdout) as { brokers: { verdict: string; broker: { release: string } }[] };
    assert.equal(
      brokers.map(({ verdict, broker }) => [verdict, broker.release]),
      [['serves', version.replace(/\.\d+$/, '')]],
    );
    assert.is(status, 0);
    assert.equal(await pod.stop(60_000), { status: 143 });
  });

  test('a broker outside Barnabas is never robbed: its .lock is seen', async ({ stage }) => {
    const config = join(stage.directory, 'foreign.properties');
    const properties = readFileSync(join(stage.directory, `${stage.pods.at(-1)?.name ?? ''}.properties`), 'utf8');
    writeFileSync(config, properties);
    // As on a volume from before Barnabas.
    rmSync(join(stage.volume, '.barnabas'), { recursive: true });
    const foreign = startForeign(stage, version, config);
    try {
      await until(() => started.test(readFileSync(foreign.log, 'utf8')), 'the foreign broker to start', deadlineMs);
      const refused = await claim(stage);
      assert.is(refused.status, 4, refused.stderr);
      assert.match(refused.stderr, /a process outside Barnabas holds kafka-logs-0\/\.lock/);
    } finally {
      await foreign.kill();
    }
    assert.is((await claim(stage)).status, 0);
  });

  test('a broker does not start while we have its .lock', async ({ stage }) => {
    mkdirSync(join(stage.volume, 'kafka-logs-0'), { recursive: true });
    const fd = openSync(lockOf(stage), 'a+');
    assert.ok(tryOfdLock(fd));
    const foreign = startForeign(stage, version, join(stage.directory, 'foreign.properties'));
    try {
      await foreign.ended;
      assert.match(readFileSync(foreign.log, 'utf8'), /Failed to acquire lock on file .lock/);
    } finally {
      await foreign.kill();
      closeSync(fd);
    }
  });

  test.run();
}

let foreigners = 0;

/** A broker as somebody would start it by hand. */
function startForeign({ directory }: Stage, version: string, config: string) {
  const log = join(directory, `foreign-${(foreigners += 1)}.log`);
  const output = openSync(log, 'a');
  const [file = '', ...words] = brokerCommand(findJars(version)).map((word) => word.replace('{config}', config));
  const child = spawn(file, words, { stdio: ['ignore', output, output] });
  closeSync(output);
  const ended = once(child, 'exit');
  return {
    log,
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
