import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agent, scratch, startAgent, treeOf, type ClaimResult, type Finished, type Scratch } from '../support/agent.ts';

const test = suite<{ place: Scratch }>('claim', {} as { place: Scratch });
test.before.each((context) => {
  context.place = scratch();
});
test.after.each(({ place }) => place.remove());

interface Claiming {
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

function claim(place: Scratch, { words = [], env = {} }: Claiming = {}): Promise<Finished> {
  const all = ['claim', '--volume', place.volume, '--config-out', place.config, '--wait', '0s', '--json', ...words];
  return agent(all, { env });
}

async function claimed(place: Scratch, claiming?: Claiming): Promise<ClaimResult> {
  const { status, stdout, stderr } = await claim(place, claiming);
  assert.is(status, 0, stderr);
  return JSON.parse(stdout) as ClaimResult;
}

const pod = (name: string): Record<string, string> => ({ POD_NAME: name, POD_UID: `uid-of-${name}` });

interface Meta {
  readonly id: number;
  readonly cluster?: string;
}

function putLogDir(place: Scratch, name: string, { id, cluster = 'OTMwNzFhYTktOTMwNzFhOQ' }: Meta): void {
  const directory = join(place.volume, name);
  mkdirSync(join(directory, 'orders-0'), { recursive: true });
  writeFileSync(join(directory, 'meta.properties'), `#x\nversion=0\nbroker.id=${id}\ncluster.id=${cluster}\n`);
}

const recordOf = (place: Scratch, id: number, generation: number) =>
  join(place.volume, '.barnabas/claims', String(id), `g${String(generation).padStart(8, '0')}`);

test('one object on stdout, and all that the contract names is on the volume', async ({ place }) => {
  const result = await claimed(place, { env: { ...pod('kafka-a'), NODE_NAME: 'node-a' } });
  const { decisions, waitedMs, ...rest } = result;
  assert.equal(rest, {
    brokerId: 0,
    generation: 1,
    logDir: join(place.volume, 'kafka-logs-0'),
    config: place.config.replace('{id}', '0'),
    evidence: 'new',
  });
  assert.type(waitedMs, 'number');
  assert.equal(decisions, [
    { id: 0, logDir: 'kafka-logs-0', verdict: 'claimed', why: 'unused until now; generation 1' },
  ] as never);
  assert.match(readFileSync(result.config, 'utf8'), /^broker\.id=0$/m);
  assert.equal(
    treeOf(place.volume).map((line) => line.split(' ')[0]),
    [
      '.barnabas',
      '.barnabas/claims',
      '.barnabas/claims/0',
      '.barnabas/claims/0/g00000001',
      '.barnabas/claims/0/lock',
      '.barnabas/tmp',
      '.barnabas/volume.json',
      'kafka-logs-0',
    ],
  );
  const record = JSON.parse(readFileSync(recordOf(place, 0, 1), 'utf8')) as Record<string, unknown>;
  assert.equal([record['id'], record['generation'], record['mode'], record['node']], [0, 1, 'init', 'node-a']);
  assert.equal(record['pod'], { name: 'kafka-a', namespace: '', uid: 'uid-of-kafka-a' });
});

test('a rerun in the same pod returns the same id', async ({ place }) => {
  await claimed(place, { env: pod('a') });
  await claimed(place, { env: pod('b') });
  const again = await claimed(place, { env: pod('b') });
  assert.equal([again.brokerId, again.generation, again.evidence], [1, 2, 'own']);
});

test('in init mode nobody else takes over without evidence, whatever the lock says', async ({ place }) => {
  await claimed(place, { env: pod('a'), words: ['--brokers', '1'] });
  const before = treeOf(place.volume);
  const { status, stderr } = await claim(place, { env: pod('b'), words: ['--brokers', '1'] });
  assert.is(status, 4);
  assert.match(stderr, /held by pod "a": it was claimed in init mode, where a free lock proves nothing/);
  assert.equal(treeOf(place.volume), before);
});

test('a reboot of the same Kubernetes node is evidence; another node is none', async ({ place }) => {
  await claimed(place, { env: { ...pod('a'), NODE_NAME: 'node-a' } });
  const path = recordOf(place, 0, 1);
  const record = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...record, bootId: '00000000-0000-0000-0000-000000000000' }));
  const elsewhere = await claim(place, { env: { ...pod('b'), NODE_NAME: 'node-b' }, words: ['--brokers', '1'] });
  assert.is(elsewhere.status, 4);
  assert.match(elsewhere.stderr, /it was claimed on node-a, and this is node-b/);
  const here = await claimed(place, { env: { ...pod('b'), NODE_NAME: 'node-a' }, words: ['--brokers', '1'] });
  assert.equal([here.brokerId, here.generation, here.evidence], [0, 2, 'reboot']);
});

test('directories of the 2017 layout and bare ones are adopted where they stand, the lowest first', async ({
  place,
}) => {
  putLogDir(place, 'kafka-log2', { id: 2 });
  putLogDir(place, 'kafka-logs-1', { id: 1 });
  const first = await claimed(place, { env: pod('a') });
  const second = await claimed(place, { env: pod('b') });
  assert.equal([first.brokerId, first.logDir], [1, join(place.volume, 'kafka-logs-1')]);
  assert.equal([second.brokerId, second.logDir], [2, join(place.volume, 'kafka-log2')]);
  assert.is((await claimed(place, { env: pod('c') })).brokerId, 0);
  assert.equal(readdirSync(place.volume).sort(), ['.barnabas', 'kafka-log2', 'kafka-logs-0', 'kafka-logs-1']);
});

test('a .lock that a dead broker left behind blocks nobody, and stays', async ({ place }) => {
  putLogDir(place, 'kafka-logs-0', { id: 0 });
  writeFileSync(join(place.volume, 'kafka-logs-0/.lock'), '');
  assert.is((await claimed(place)).brokerId, 0);
  assert.ok(readdirSync(join(place.volume, 'kafka-logs-0')).includes('.lock'));
});

test('where log dirs disagree about the cluster, the odd one out is refused', async ({ place }) => {
  putLogDir(place, 'kafka-logs-0', { id: 0, cluster: '5L6g3nShT-eMCtK--X86sw' });
  putLogDir(place, 'kafka-logs-1', { id: 1 });
  putLogDir(place, 'kafka-logs-2', { id: 2 });
  const { decisions, brokerId } = await claimed(place, { words: ['--brokers', '3'] });
  assert.is(brokerId, 1);
  assert.is(decisions.find(({ id }) => id === 0)?.verdict, 'refused');
});

test('--first-id and --brokers say which ids there are', async ({ place }) => {
  const words = ['--first-id', '5', '--brokers', '2'];
  assert.is((await claimed(place, { words, env: pod('a') })).brokerId, 5);
  assert.is((await claimed(place, { words, env: pod('b') })).brokerId, 6);
  const third = await claim(place, { words, env: pod('c') });
  assert.is(third.status, 4);
  assert.match(third.stderr, /ids 5 to 6 are all taken/);
});

test('the pinned volume is accepted', async ({ place }) => {
  await claimed(place, { env: pod('a') });
  const { uuid } = JSON.parse(readFileSync(join(place.volume, '.barnabas/volume.json'), 'utf8')) as { uuid: string };
  assert.is((await claimed(place, { env: pod('b'), words: ['--volume-uuid', uuid] })).brokerId, 1);
});

test('--explain says for each directory why it was or was not taken', async ({ place }) => {
  putLogDir(place, 'kafka-logs-0', { id: 7 });
  putLogDir(place, 'kafka-logs-1', { id: 1 });
  const words = ['claim', '--volume', place.volume, '--config-out', place.config, '--explain'];
  const { status, stdout } = await agent(words);
  assert.is(status, 0);
  assert.match(stdout, /ID +LOG DIR +VERDICT +WHY/);
  assert.match(stdout, /0 +kafka-logs-0 +refused +kafka-logs-0\/meta\.properties says broker id 7/);
  assert.match(stdout, /1 +kafka-logs-1 +claimed +adopted: no claim on record; generation 1/);
});

test('--dry-run says what would be done, and changes nothing', async ({ place }) => {
  putLogDir(place, 'kafka-logs-1', { id: 1 });
  const before = treeOf(place.directory);
  const { status, stdout } = await claim(place, { words: ['--dry-run'] });
  assert.is(status, 0);
  const { dryRun, decisions } = JSON.parse(stdout) as { dryRun: boolean; decisions: { id: number; verdict: string }[] };
  assert.ok(dryRun);
  assert.equal(
    decisions.map(({ id, verdict }) => [id, verdict]),
    [
      [1, 'free'],
      [0, 'free'],
    ],
  );
  assert.equal(treeOf(place.directory), before);
});

test('a template with variables over it; secrets are nowhere in what is said', async ({ place }) => {
  const template = join(place.directory, 'template');
  const secret = join(place.directory, 'secret');
  writeFileSync(template, 'num.io.threads=3\nlog.retention.hours=1\n');
  writeFileSync(secret, 'hunter2\n');
  const env = { KAFKA_LOG_RETENTION_HOURS: '9', KAFKA_SSL_KEY_PASSWORD_FILE: secret, KAFKA_HEAP_OPTS: '-Xmx1g' };
  const { stdout, stderr } = await claim(place, { words: ['--template', template], env });
  const { config } = JSON.parse(stdout) as ClaimResult;
  const text = readFileSync(config, 'utf8');
  for (const line of ['num.io.threads=3', 'log.retention.hours=9', 'ssl.key.password=hunter2']) {
    assert.ok(text.split('\n').includes(line), line);
  }
  assert.not.match(text, /heap/);
  assert.not.match(stdout + stderr, /hunter2/);
});

test('settings come from variables too, and the flag wins', async ({ place }) => {
  const env = { BARNABAS_VOLUME: '/nowhere', BARNABAS_FIRST_ID: '4', BARNABAS_LOG_FORMAT: 'json' };
  const { brokerId } = await claimed(place, { env });
  assert.is(brokerId, 4);
  const { stderr } = await claim(place, { env });
  for (const line of stderr.trim().split('\n')) assert.type(JSON.parse(line), 'object');
});

test('told to stop while it waits, it stops at once and says so by its exit status', async ({ place }) => {
  await claimed(place, { env: pod('a'), words: ['--brokers', '1'] });
  const before = treeOf(place.volume);
  const words = ['claim', '--volume', place.volume, '--brokers', '1', '--wait', '60s', '--config-out', place.config];
  const waiting = startAgent(words, { env: pod('b') });
  await waiting.logged(/waiting for a broker id/);
  waiting.child.kill('SIGINT');
  assert.is((await waiting.finished).status, 130);
  assert.equal(treeOf(place.volume), before);
});

test.run();
