import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDuration } from '../src/parse-setting.ts';
import { readSettings } from '../src/read-settings.ts';
import { flagOf, settingsTable, variableOf, type SettingName } from '../src/settings.ts';

const test = suite('settings');
const names = Object.keys(settingsTable) as SettingName[];

const read = (flags: Record<string, unknown>, environment: Record<string, string> = {}) =>
  readSettings(['volume', 'brokers', 'firstId', 'wait', 'fastFailover', 'podName'], { flags, environment });

test('every flag has its twin among the variables', () => {
  assert.is(flagOf('advertisedHost'), '--advertised-host');
  assert.is(variableOf('advertisedHost'), 'BARNABAS_ADVERTISED_HOST');
  assert.is(new Set(names.map(variableOf)).size, names.length);
});

test('defaults, variables, flags: the flag wins', () => {
  assert.equal(read({}).settings, {
    ...{ volume: undefined, brokers: undefined, firstId: 0, wait: 300_000, fastFailover: true, podName: undefined },
  });
  const environment = { BARNABAS_VOLUME: '/a', BARNABAS_BROKERS: ' 3 ', BARNABAS_FAST_FAILOVER: 'no', POD_NAME: 'p' };
  const { settings, problems } = read({ volume: '/b' }, environment);
  assert.equal(problems, []);
  assert.equal([settings.volume, settings.brokers, settings.fastFailover, settings.podName], ['/b', 3, false, 'p']);
  assert.is(read({}, { POD_NAME: 'p', BARNABAS_POD_NAME: 'q' }).settings.podName, 'q');
});

test('a secret is no flag', () => {
  const environment = { BARNABAS_SASL_PASSWORD: 'from the variable' };
  const { settings } = readSettings(['saslPassword'], { flags: { saslPassword: 'typed' }, environment });
  assert.is(settings.saslPassword, 'from the variable');
});

for (const [text, problem] of [
  ['a:9092', undefined],
  ['a.b:9092, [::1]:9093', undefined],
  ['a', '"a" is no HOST:PORT'],
  ['a:9092,', '"" is no HOST:PORT'],
  ['http://a:9092', '"http://a:9092" is no HOST:PORT'],
] as const) {
  test(`brokers: ${text} is ${problem === undefined ? 'right' : 'wrong'}`, () => {
    const { problems } = readSettings(['bootstrap'], { flags: { bootstrap: text }, environment: {} });
    assert.equal(problems, problem === undefined ? [] : [`--bootstrap: ${problem}`]);
  });
}

test('what may be given more than once is read as one list', () => {
  const of = (replace: string[]) => readSettings(['replace'], { flags: { replace }, environment: {} });
  assert.equal(of(['1=2', '3=4']).settings.replace, [{ old: 1, new: 2 }, { old: 3, new: 4 }]); // prettier-ignore
  assert.equal(of(['1=2', '2=3']).problems, ['--replace: "1=2,2=3" names broker 2 twice']);
  assert.equal(of(['1=2', '']).problems, ['--replace: is empty']);
});

for (const [journal, isRight] of [
  ['a/b.journal', true],
  ['configmap/kafka-recover-journal', true],
  ['./configmap/X', true],
  ['configmap/', false],
  ['configmap/My_Journal', false],
  ['configmap/a/b', false],
] as const) {
  test(`a journal at ${journal} is ${isRight ? 'right' : 'wrong'}`, () => {
    const { problems } = readSettings(['journal'], { flags: { journal }, environment: {} });
    const problem = `--journal: "${journal}" is not configmap/NAME: small letters, digits, - and .`;
    assert.equal(problems, isRight ? [] : [problem]);
  });
}

test('an empty variable is an unset one; an empty flag is a mistake', () => {
  assert.equal(read({}, { BARNABAS_BROKERS: ' ' }), read({}));
  assert.equal(read({ volume: '' }).problems, ['--volume: is empty']);
});

test('all that is wrong is told at once, by the name that was used', () => {
  const { problems } = read({ brokers: 'x', wait: ['1s', '2s'] }, { BARNABAS_FIRST_ID: '-1', BARNABAS_VOLUMN: '/' });
  assert.equal(problems, [
    'BARNABAS_VOLUMN: no such setting; `barnabas --help` lists them',
    '--brokers: "x" is not a whole number from 1',
    'BARNABAS_FIRST_ID: "-1" is not a whole number',
    '--wait: given more than once',
  ]);
});

test("what Kubernetes and the project's own scripts set is no mistake", () => {
  const environment = {
    ...{ BARNABAS_SERVICE_HOST: '10.0.0.1', BARNABAS_SERVICE_PORT_HTTP: '80', BARNABAS_PORT: 'tcp://10.0.0.1:80' },
    ...{ BARNABAS_PORT_80_TCP_ADDR: '10.0.0.1', BARNABAS_CACHE: '/c', BARNABAS_TEST_RUN: 'x' },
  };
  assert.equal(read({}, environment).problems, []);
});

for (const [text, ms] of [
  ['0s', 0],
  ['500ms', 500],
  ['30', 30_000],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['-1s', undefined],
  ['1.5s', undefined],
  ['1d', undefined],
  ['s', undefined],
  ['1 s', undefined],
] as const) {
  test(`the duration ${text}`, () => {
    const parsed = parseDuration(text);
    if (ms === undefined) assert.match((parsed as { problem: string }).problem, /is no duration such as/);
    else assert.is(parsed, ms);
  });
}

test.run();
