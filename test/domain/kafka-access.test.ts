import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readJaas } from '../../src/domain/jaas.ts';
import { planAccess, type AccessFlags } from '../../src/domain/kafka-access.ts';

const test = suite('how brokers let us in, as it is set');

const plan = (properties: Readonly<Record<string, string>>, flags: AccessFlags = {}) =>
  planAccess(new Map(Object.entries(properties)), flags);
const passwords = { key: undefined, keystore: undefined };
const jaas = 'a.PlainLoginModule required username="u" password="p";';

test('nothing set: plain text', () => {
  assert.equal(plan({}), { tls: undefined, sasl: undefined, problems: [] });
  // As Kafka's own clients do, what the protocol has no use for is passed over.
  assert.equal(plan({ 'ssl.truststore.location': '/ca', 'sasl.jaas.config': jaas }).problems, []);
});

test('TLS from the file, from flags, and the flag over the file', () => {
  const ca = { said: 'ssl.truststore.location', path: '/ca' };
  const file = { 'security.protocol': 'SSL', 'ssl.truststore.location': '/ca', 'ssl.keystore.location': '/own' };
  const cert = { said: 'ssl.keystore.location', path: '/own' };
  assert.equal(plan(file).tls, { ca, cert, key: undefined, passwords, verifiesHost: true });
  const flags = { tlsCa: '/other', tlsCert: '/cert', tlsKey: '/key' };
  assert.equal(plan(file, flags).tls, {
    ca: { said: '--tls-ca', path: '/other' },
    cert: { said: '--tls-cert', path: '/cert' },
    key: { said: '--tls-key', path: '/key' },
    ...{ passwords, verifiesHost: true },
  });
  assert.is(plan({ ...file, 'ssl.endpoint.identification.algorithm': '' }).tls?.verifiesHost, false);
});

test('a key of the file does not go with a certificate of a flag', () => {
  const file = { 'security.protocol': 'SSL', 'ssl.keystore.certificate.chain': 'C', 'ssl.keystore.key': 'K' };
  assert.equal(plan(file).tls?.key, { said: 'ssl.keystore.key', text: 'K' });
  assert.is(plan(file, { tlsCert: '/cert' }).tls?.key, undefined);
});

test('SASL from the file, from flags, and the flag over the file', () => {
  const file = { 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': jaas };
  const password = { said: 'sasl.jaas.config', text: 'p' };
  assert.equal(plan(file).sasl, { mechanism: 'PLAIN', user: 'u', password });
  assert.equal(plan(file, { saslUser: 'v', saslPassword: 'q', saslMechanism: 'SCRAM-SHA-512' }).sasl, {
    ...{ mechanism: 'SCRAM-SHA-512', user: 'v', password: { said: 'BARNABAS_SASL_PASSWORD', text: 'q' } },
  });
  const both = { saslPassword: 'q', saslPasswordFile: '/p' };
  assert.equal(plan(file, both).sasl?.password, { said: '--sasl-password-file', path: '/p' });
});

const all = 'PLAIN, SCRAM-SHA-256, SCRAM-SHA-512';
for (const [name, properties, flags, problems] of [
  ['no protocol', { 'security.protocol': 'TLS' }, {}, [/^security\.protocol: "TLS" is none of PLAINTEXT, SSL, /]],
  [
    'flags of TLS without TLS',
    {},
    { tlsCa: '/ca' },
    [/^--tls-ca: takes --security-protocol SSL or SASL_SSL, and it is PLAINTEXT$/],
  ],
  [
    'flags of SASL without SASL',
    { 'security.protocol': 'SSL' },
    { saslUser: 'u', saslPasswordFile: '/p' },
    [/^--sasl-user: takes --security-protocol SASL_SSL or SASL_PLAINTEXT, and it is SSL$/, /^--sasl-password-file: /],
  ],
  ['a key without a certificate', {}, { securityProtocol: 'SSL', tlsKey: '/k' }, [/^--tls-key: takes --tls-cert$/]],
  [
    'SASL without anything',
    {},
    { securityProtocol: 'SASL_SSL' },
    [
      `--sasl-mechanism or sasl.mechanism: give one of ${all}; others are not known here`,
      '--sasl-user or sasl.jaas.config: give the user',
      '--sasl-password-file, BARNABAS_SASL_PASSWORD or sasl.jaas.config: give the password',
    ],
  ],
  [
    'a mechanism of others',
    { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'GSSAPI', 'sasl.jaas.config': jaas },
    {},
    [/^--sasl-mechanism or sasl\.mechanism: give one of /],
  ],
  [
    'a config provider',
    { 'security.protocol': 'SSL', 'ssl.key.password': '${file:/etc/secret:key}' },
    {},
    [/^ssl\.key\.password: refers to a config provider, which is not asked here/],
  ],
] as const) {
  test(`a problem: ${name}`, () => {
    const found = plan(properties, flags).problems;
    assert.is(found.length, problems.length, found.join('\n'));
    problems.forEach((problem, index) => assert.match(found[index] ?? '', problem));
  });
}

const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule';
for (const [text, user, password] of [
  [`${plain} required username="u" password="p";`, 'u', 'p'],
  [`  ${plain} required\n  username=u\n  password=p ;  `, 'u', 'p'],
  [`${plain} required username="a b" password="x;y=\\"z\\" \\\\";`, 'a b', 'x;y="z" \\'],
  [`${plain} required serviceName="kafka" password="" username="u";`, 'u', ''],
  ['x.ScramLoginModule required username="u" password="username=v";', 'u', 'username=v'],
  [`${plain} required;`, undefined, undefined],
  [undefined, undefined, undefined],
] as const) {
  test(`JAAS: ${String(text)}`, () => assert.equal(readJaas(text), { user, password, problems: [] }));
}

for (const [text, problem] of [
  [`${plain} required username="u" password="secret"`, /MODULE required username="…" password="…"; is expected/],
  [`username="u" password="secret";`, /is expected$/],
  ['com.sun.security.auth.module.Krb5LoginModule required keyTab="secret";', /others are not known here$/],
  ['x.ScramLoginModule required username="u" password="secret" tokenauth=true;', /delegation tokens/],
] as const) {
  test(`no JAAS of ours: ${text}`, () => {
    const { user, password, problems } = readJaas(text);
    assert.equal([user, password, problems.length], [undefined, undefined, 1]);
    assert.match(problems[0] ?? '', problem);
    assert.not.match(problems[0] ?? '', /secret/);
  });
}

test.run();
