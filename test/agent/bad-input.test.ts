/** Bad input: a clear error, the right exit status, and the volume as it was. */
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agent, agentPath, scratch, treeOf, type AgentOptions, type Scratch } from '../support/agent.ts';
import { mountTmpfs } from '../support/mounts.ts';

const test = suite<{ place: Scratch }>('bad input', {} as { place: Scratch });
test.before.each((context) => {
  context.place = scratch();
});
test.after.each(({ place }) => place.remove());

const claimOn = (place: Scratch, words: readonly string[] = []): string[] => [
  ...['claim', '--volume', place.volume, '--config-out', place.config, '--wait', '0s'],
  ...words,
];

/** A log dir as a broker of the cluster left it. */
function putLogDir(place: Scratch, name: string, meta: string): void {
  const directory = join(place.volume, name);
  mkdirSync(join(directory, 'orders-0'), { recursive: true });
  writeFileSync(join(directory, 'orders-0', '00000000000000000000.log'), 'messages');
  writeFileSync(join(directory, 'meta.properties'), meta);
}

const meta = (id: number, cluster = 'OTMwNzFhYTktOTMwNzFhOQ'): string =>
  `#\n#Mon Nov 23 20:00:00 UTC 2026\ncluster.id=${cluster}\nversion=0\nbroker.id=${String(id)}\n`;

interface Refusal {
  readonly name: string;
  readonly status: number;
  readonly message: RegExp;
  readonly prepare?: (place: Scratch) => void;
  readonly words?: (place: Scratch) => readonly string[];
  readonly options?: AgentOptions;
}

const claims = (place: Scratch, id: number): string => {
  const path = join(place.volume, '.barnabas/claims', String(id));
  mkdirSync(path, { recursive: true });
  return path;
};

const table: readonly Refusal[] = [
  {
    name: 'no volume',
    status: 2,
    words: () => ['claim'],
    message: /cannot start with these settings:\n {2}- --volume DIR is missing/,
  },
  {
    name: 'a volume that is not there',
    status: 2,
    words: (place) => ['claim', '--volume', join(place.directory, 'nowhere'), '--config-out', place.config],
    message: /cannot use the volume .*nowhere: there is no such directory/,
  },
  {
    name: 'a volume that is a file',
    status: 2,
    prepare: (place) => writeFileSync(join(place.directory, 'file'), ''),
    words: (place) => ['claim', '--volume', join(place.directory, 'file'), '--config-out', place.config],
    message: /there is no such directory/,
  },
  {
    name: '.barnabas is a file',
    status: 3,
    prepare: (place) => writeFileSync(join(place.volume, '.barnabas'), 'mine'),
    message: /\.barnabas is not a directory, so this is no volume of ours/,
  },
  {
    name: 'the volume is of another layout',
    status: 3,
    prepare: (place) => {
      mkdirSync(join(place.volume, '.barnabas'));
      writeFileSync(join(place.volume, '.barnabas/volume.json'), '{"layout":2,"uuid":"x"}');
    },
    message: /its layout is 2, and this version knows layout 1/,
  },
  {
    name: 'another volume than the pinned one',
    status: 3,
    words: (place) => claimOn(place, ['--volume-uuid', 'c0ffee']),
    message: /it is empty, or not the volume, and c0ffee is pinned: is the right volume mounted\?/,
  },
  {
    name: 'a torn record',
    status: 3,
    prepare: (place) => writeFileSync(join(claims(place, 0), 'g00000001'), '{"layout":1,"id":0,"gen'),
    message: /broker id 0: the record of generation 1 can't be believed: it is torn or not JSON/,
  },
  {
    name: 'an empty record',
    status: 3,
    prepare: (place) => writeFileSync(join(claims(place, 0), 'g00000001'), ''),
    message: /the record of generation 1 can't be believed: it is empty/,
  },
  {
    name: 'an alien record',
    status: 3,
    prepare: (place) => writeFileSync(join(claims(place, 0), 'g00000007'), '{"layout":1,"id":3,"generation":7}'),
    message: /the record of generation 7 can't be believed: its pod is missing/,
  },
  {
    name: "a log dir of another broker's data",
    status: 3,
    prepare: (place) => putLogDir(place, 'kafka-logs-0', meta(5)),
    message: /kafka-logs-0\/meta\.properties says broker id 5, so this is the data of another broker/,
  },
  {
    name: "a log dir of another cluster's data",
    status: 3,
    prepare: (place) => putLogDir(place, 'kafka-logs-0', meta(0)),
    words: (place) => claimOn(place, ['--cluster-id', '5L6g3nShT-eMCtK--X86sw']),
    message: /says cluster OTMwNzFhYTktOTMwNzFhOQ, and this cluster is 5L6g3nShT-eMCtK--X86sw/,
  },
  {
    name: 'a torn meta.properties',
    status: 3,
    prepare: (place) => putLogDir(place, 'kafka-logs-0', 'cluster.id=OTMwN'),
    message: /meta\.properties is torn or not one that this version knows/,
  },
  {
    name: 'a lost+found in a log dir',
    status: 3,
    prepare: (place) => {
      putLogDir(place, 'kafka-logs-0', meta(0));
      mkdirSync(join(place.volume, 'kafka-logs-0/lost+found'));
    },
    message: /kafka-logs-0\/lost\+found is no partition/,
  },
  {
    name: 'two log dirs of one id',
    status: 3,
    prepare: (place) => {
      putLogDir(place, 'kafka-logs-0', meta(0));
      putLogDir(place, 'kafka-log0', meta(0));
    },
    message: /both kafka-log0 and kafka-logs-0 are log dirs of this id|both kafka-logs-0 and kafka-log0/,
  },
  {
    name: 'ids beyond the cap',
    status: 3,
    prepare: (place) => putLogDir(place, 'kafka-logs-7', meta(7)),
    words: (place) => claimOn(place, ['--brokers', '3']),
    message: /broker id 7: the cluster's ids are 0 to 2\n.*set --first-id and --brokers/,
  },
  {
    name: 'a template that does not parse',
    status: 2,
    prepare: (place) => writeFileSync(join(place.directory, 'template'), 'a=1\nthis is none\n'),
    words: (place) => claimOn(place, ['--template', join(place.directory, 'template')]),
    message: /template:2: is no property/,
  },
  {
    name: 'a template that is not there',
    status: 2,
    words: (place) => claimOn(place, ['--template', '/no/such/file']),
    message: /--template: \/no\/such\/file can't be read \(ENOENT\)/,
  },
  {
    name: 'a place for the configuration that is none',
    status: 2,
    words: (place) => [...claimOn(place).slice(0, 3), '--config-out', '/no/such/dir/server.properties'],
    message: /--config-out: \/no\/such\/dir is no writable directory/,
  },
  {
    name: 'an unknown flag',
    status: 2,
    words: (place) => claimOn(place, ['--volumes', 'x']),
    message: /Unknown argument: volumes\n`barnabas --help` lists/,
  },
  {
    name: 'an unknown command',
    status: 2,
    words: () => ['clam'],
    message: /Unknown (argument|command): clam/,
  },
  { name: 'no command', status: 2, words: () => [], message: /which command\?/ },
  {
    name: 'an unknown setting',
    status: 2,
    options: { env: { BARNABAS_VOLUM: '/data' } },
    message: /BARNABAS_VOLUM: no such setting/,
  },
  {
    name: 'values that can not be read, all at once',
    status: 2,
    words: (place) => claimOn(place, ['--brokers', 'three', '--first-id', '-1', '--fast-failover=maybe']),
    message: /--brokers: "three" is not a whole number(.|\n)*--first-id: "-1"/,
  },
  {
    name: 'two settings that contradict each other',
    status: 2,
    words: (place) => claimOn(place, ['--zookeeper', 'a:2181']),
    options: { env: { KAFKA_ZOOKEEPER_CONNECT: 'b:2181', KAFKA_BROKER_ID: '4' } },
    message:
      /KAFKA_BROKER_ID sets broker\.id to 4(.|\n)*--zookeeper says a:2181, and KAFKA_ZOOKEEPER_CONNECT says b:2181/,
  },
  {
    name: 'a secret that can not be read',
    status: 2,
    options: { env: { KAFKA_SSL_KEY_PASSWORD_FILE: '/no/secret' } },
    message: /KAFKA_SSL_KEY_PASSWORD_FILE: \/no\/secret can't be read \(ENOENT\)/,
  },
  {
    name: 'run without a command',
    status: 2,
    words: (place) => ['run', '--volume', place.volume],
    message: /no command: write it after `--`/,
  },
  {
    name: 'release of what is no id',
    status: 2,
    words: (place) => ['release', 'seven', '--volume', place.volume, '--force'],
    message: /"seven" is no broker id\n.*--force needs --reason TEXT/,
  },
];

for (const { name, status, message, prepare, words, options } of table) {
  test(name, async ({ place }) => {
    prepare?.(place);
    const before = treeOf(place.directory);
    const finished = await agent(words?.(place) ?? claimOn(place), options);
    assert.match(finished.stderr, message);
    assert.is(finished.status, status, finished.stderr);
    assert.is(finished.stdout, '');
    assert.not.match(finished.stderr, /internal error/);
    assert.equal(treeOf(place.directory), before);
  });
}

test('nothing is minted beside data that are refused, however much room there is', async ({ place }) => {
  putLogDir(place, 'kafka-logs-0', meta(5));
  const before = treeOf(place.volume);
  const { status, stderr } = await agent(claimOn(place, ['--brokers', '10']));
  assert.is(status, 3);
  assert.match(stderr, /A new id would leave those data without a broker/);
  assert.equal(treeOf(place.volume), before);
});

test('a volume that this user may not write', async ({ place }) => {
  // The agent and its volume, where a user without rights can get at them.
  const tests = dirname(place.directory);
  if (process.env['TMPDIR'] === tests) chmodSync(tests, 0o755);
  chmodSync(place.directory, 0o755);
  cpSync(dirname(agentPath), join(place.directory, 'dist'), { recursive: true });
  const config = join(place.directory, 'config');
  mkdirSync(config);
  chmodSync(config, 0o777);
  putLogDir(place, 'kafka-logs-0', meta(0));
  const before = treeOf(place.volume);
  const script = `exec "$0" '${join(place.directory, 'dist/barnabas.js')}' claim --volume '${place.volume}' --config-out '${config}/x'`;
  const under = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-c', script];
  const { status, stderr } = await agent([], { under });
  assert.match(stderr, /cannot make .*\.barnabas \(EACCES\): this user may not: check the volume's owner and mode/);
  assert.is(status, 2);
  assert.equal(treeOf(place.volume), before);
});

test('a volume that is mounted read-only', async ({ place }) => {
  const mounted = mountTmpfs(place.volume, 'size=1m');
  try {
    putLogDir(place, 'kafka-logs-0', meta(0));
    mounted.remount('ro');
    const before = treeOf(place.volume);
    const { status, stderr } = await agent(claimOn(place));
    assert.match(stderr, /\(EROFS\): the volume is mounted read-only: mount it for writing/);
    assert.is(status, 1);
    assert.equal(treeOf(place.volume), before);
  } finally {
    mounted.unmount();
  }
});

test('a configuration that can not be written ends the claim again', async ({ place }) => {
  const mounted = mountTmpfs(join(place.directory, 'config'), 'size=4k,nr_inodes=1');
  try {
    const words = [
      'claim',
      '--volume',
      place.volume,
      '--config-out',
      join(mounted.path, 'server.properties'),
      '--json',
    ];
    const { status, stderr } = await agent(words);
    assert.is(status, 1);
    assert.match(stderr, /cannot write .*server\.properties: ENOSPC/);
    const end = JSON.parse(readFileSync(join(place.volume, '.barnabas/claims/0/g00000001.end'), 'utf8')) as object;
    assert.is((end as { kind: string }).kind, 'released');
  } finally {
    mounted.unmount();
  }
});

test.run();
