import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileReferences } from '../../../src/domain/properties/file-references.ts';
import { readVariableName } from '../../../src/domain/properties/names.ts';

const test = suite('names of KAFKA_ variables');

const keys: readonly (readonly [string, string])[] = [
  ['KAFKA_LISTENERS', 'listeners'],
  ['KAFKA_LOG_RETENTION_HOURS', 'log.retention.hours'],
  ['KAFKA_LISTENER_NAME_SASL__PLAINTEXT_PLAIN_SASL_JAAS_CONFIG', 'listener.name.sasl_plaintext.plain.sasl.jaas.config'],
  ['KAFKA_A__B', 'a_b'],
  ['KAFKA_A___B', 'a-b'],
  ['KAFKA_A_B__C___D', 'a.b_c-d'],
  // Only the first prefix goes (KAFKA-17911).
  ['KAFKA_KAFKA_METRICS_REPORTERS', 'kafka.metrics.reporters'],
  ['KAFKA_ZOOKEEPER_CLIENTCNXNSOCKET', 'zookeeper.clientCnxnSocket'],
  ['KAFKA_ZOOKEEPER_CLIENT_CNXN_SOCKET', 'zookeeper.clientCnxnSocket'],
  ['KAFKA_HEAP_OPTS_X', 'heap.opts.x'],
  ['KAFKA_PORT', 'port'],
  ['KAFKA_LOG_DIRS', 'log.dirs'],
];
for (const [name, key] of keys) {
  test(`${name} sets ${key}`, () => {
    assert.equal(readVariableName(name, '9092'), { kind: 'key', key, from: 'value' });
  });
}

for (const name of [
  ...['VERSION', 'HOME', 'HEAP_OPTS', 'OPTS', 'JMX_OPTS', 'JMX_PORT', 'JMX_HOSTNAME', 'JVM_PERFORMANCE_OPTS'],
  ...['GC_LOG_OPTS', 'LOG4J_OPTS', 'LOG4J_ROOT_LOGLEVEL', 'LOG4J_LOGGERS', 'TOOLS_LOG4J_LOGLEVEL', 'DEBUG', 'LOG'],
  ...['DATA_DIRS', 'CREATE_TOPICS', 'CREATE_TOPICS_SEPARATOR', 'REST_HOST', 'CLUSTER_ID', 'KRAFT_CLUSTER_ID'],
  ...['OPTS_FILE', ''],
]) {
  test(`KAFKA_${name} is none of the broker's properties`, () => {
    assert.equal(readVariableName(`KAFKA_${name}`, 'x'), { kind: 'ignored' });
  });
}

const links: readonly (readonly [string, string, string])[] = [
  ['KAFKA_SERVICE_HOST', '10.96.0.7', 'broker'],
  ['KAFKA_SERVICE_HOST', 'fd00::7', 'broker'],
  ['KAFKA_SERVICE_PORT', '9092', 'many'],
  ['KAFKA_SERVICE_PORT_CLIENT', '9092', 'many'],
  ['KAFKA_PORT', 'tcp://10.96.0.7:9092', '9092'],
  ['KAFKA_PORT_9092_TCP', 'tcp://10.96.0.7:9092', 'yes'],
  ['KAFKA_PORT_9092_TCP_ADDR', '10.96.0.7', 'yes'],
  ['KAFKA_PORT_9092_TCP_PORT', '9092', 'yes'],
  ['KAFKA_PORT_9092_TCP_PROTO', 'tcp', 'yes'],
  ['KAFKA_METRICS_PORT', 'tcp://10.96.0.8:9404', '9404'],
];
for (const [name, link, value] of links) {
  test(`${name}=${link} is a service link, and ${name}=${value} a property`, () => {
    assert.equal(readVariableName(name, link), { kind: 'ignored' });
    assert.is(readVariableName(name, value)?.kind, 'key');
  });
}

for (const [name, hint] of [
  ['KAFKA_BROKER_ID_COMMAND', /no command is run/],
  ['KAFKA_SSL_KEYSTORE_FILENAME', /KAFKA_SSL_…_LOCATION/],
  ['KAFKA_SSL_KEY_CREDENTIALS', /KAFKA_SSL_…_PASSWORD_FILE/],
] as const) {
  test(`${name} is told to be of no use here`, () => {
    const meaning = readVariableName(name, 'x');
    assert.ok(meaning?.kind === 'ignored' && meaning.warning !== undefined);
    assert.match(meaning.warning, hint);
    assert.match(meaning.warning, name);
  });
}

for (const name of ['KAFKA__A', 'KAFKA_A_', 'KAFKA_A____B', 'KAFKA_A______B']) {
  test(`${name} could mean several keys`, () => {
    const meaning = readVariableName(name, 'x');
    assert.ok(meaning?.kind === 'problem' && meaning.problem.startsWith(`${name}: `));
  });
}

for (const name of ['PATH', 'KAFKAX', 'BARNABAS_VOLUME', 'kafka_listeners', 'MY_KAFKA_LISTENERS']) {
  test(`${name} is not ours to read`, () => assert.is(readVariableName(name, 'x'), undefined));
}

test('a variable that ends in _FILE names the file of the value', () => {
  const environment = {
    KAFKA_SSL_KEYSTORE_PASSWORD_FILE: '/run/secrets/keystore',
    KAFKA_OPTS_FILE: '/etc/opts',
    KAFKA_SASL_JAAS_CONFIG_FILE: '',
    KAFKA_LISTENERS: 'x',
    PASSWORD_FILE: '/etc/passwd',
  };
  assert.equal(fileReferences(environment), [
    { variable: 'KAFKA_SSL_KEYSTORE_PASSWORD_FILE', path: '/run/secrets/keystore' },
  ]);
});

test.run();
