/** TLS and SASL on a real broker, one listener for each kind; and what is said where it lets us not in. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { waitFor } from '../../demo/cluster/wait.ts';
import { readAccess } from '../../src/kafka/access.ts';
import { openKafkaAdmin } from '../../src/kafka/kafka-admin.ts';
import type { Dial } from '../../src/ports-cluster.ts';
import type { KafkaAccess } from '../../src/ports-kafka.ts';
import {
  entered,
  escaped,
  noAccess,
  ports,
  quoted,
  scramSecret,
  secrets,
  setAccessScene,
  whyNot,
  withAdmin,
  type AccessScene,
  type Listener,
} from './support/access-scene.ts';
import type { Properties } from './support/kafka.ts';
import { withFakeServer } from './support/fake-server.ts';
import { failureOf, recordLog } from './support/scene.ts';

const test = suite<{ scene: AccessScene }>('how brokers let us in', {} as never);
test.before(async (context) => {
  context.scene = await setAccessScene();
});
test.after(({ scene }) => scene.clear());

let files = 0;
function propertiesFile({ directory }: AccessScene, properties: Properties): string {
  mkdirSync(join(directory, 'clients'), { recursive: true });
  const path = join(directory, 'clients', `${(files += 1)}.properties`);
  writeFileSync(
    path,
    Object.entries(properties)
      .map(([key, value]) => `${key}=${escaped(String(value)).replaceAll('\n', '\\n')}\n`)
      .join(''),
  );
  return path;
}

const jaas = (module: 'plain.Plain' | 'scram.Scram', password: string, user = 'admin'): string =>
  `org.apache.kafka.common.security.${module}LoginModule required username="${user}" password=${quoted(password)};`;

type Access = (context: AccessScene) => Partial<KafkaAccess>;
const inPem = (context: AccessScene) => ({ 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': context.ours.ca });
const byFile =
  (properties: (context: AccessScene) => Properties): Access =>
  (context) => ({
    commandConfig: propertiesFile(context, properties(context)),
  });
const sasl = { saslUser: 'admin', saslPassword: secrets.admin } as const;

const doors: readonly (readonly [string, Listener, Access])[] = [
  ['nothing, by nothing', 'plain', () => ({})],
  ['TLS, by flags', 'tls', ({ ours }) => ({ securityProtocol: 'SSL', tlsCa: ours.ca })],
  ['TLS, by the file', 'tls', byFile((context) => ({ 'security.protocol': 'SSL', ...inPem(context) }))],
  [
    'TLS without looking at the name, by the file',
    'othername',
    byFile((context) => ({
      ...{ 'security.protocol': 'SSL', 'ssl.endpoint.identification.algorithm': '', ...inPem(context) },
    })),
  ],
  [
    'mTLS, by flags',
    'mtls',
    ({ ours, directory }) => ({
      ...{ securityProtocol: 'SSL', tlsCa: ours.ca },
      ...{ tlsCert: join(directory, 'client.crt'), tlsKey: join(directory, 'client.key') },
    }),
  ],
  [
    'mTLS, one file of key and certificate',
    'mtls',
    byFile((context) => ({
      ...{ 'security.protocol': 'SSL', ...inPem(context) },
      'ssl.keystore.location': join(context.directory, 'client.pem'),
    })),
  ],
  [
    'mTLS, PKCS12',
    'mtls',
    byFile((context) => ({
      ...{ 'security.protocol': 'SSL', ...inPem(context), 'ssl.keystore.type': 'PKCS12' },
      ...{
        'ssl.keystore.location': context.ours.pkcs12('client', 'store-pass'),
        'ssl.keystore.password': 'store-pass',
      },
    })),
  ],
  [
    'mTLS, all of it in the file, the key encrypted',
    'mtls',
    byFile(({ ours, directory }) => ({
      'security.protocol': 'SSL',
      'ssl.truststore.certificates': textOf(ours.ca),
      'ssl.keystore.certificate.chain': textOf(join(directory, 'client.crt')),
      'ssl.keystore.key': textOf(ours.encryptedKey('client', 'key-pass')),
      'ssl.key.password': 'key-pass',
    })),
  ],
  ['PLAIN, by flags', 'sasl', () => ({ ...sasl, securityProtocol: 'SASL_PLAINTEXT', saslMechanism: 'PLAIN' })],
  [
    'SCRAM-SHA-256 over TLS, the password in a file',
    'sasltls',
    (context) => ({
      ...{ securityProtocol: 'SASL_SSL', saslMechanism: 'SCRAM-SHA-256', tlsCa: context.ours.ca, saslUser: 'admin' },
      saslPasswordFile: passwordFile(context, scramSecret),
    }),
  ],
  [
    'PLAIN over TLS, by the file',
    'sasltls',
    byFile((context) => ({
      ...{ 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'PLAIN', ...inPem(context) },
      'sasl.jaas.config': jaas('plain.Plain', secrets.admin),
    })),
  ],
  [
    'SCRAM-SHA-256, by the file, and the user by a flag over it',
    'sasl',
    (context) => ({
      commandConfig: propertiesFile(context, {
        ...{ 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'SCRAM-SHA-256' },
        'sasl.jaas.config': jaas('scram.Scram', scramSecret, 'nobody'),
      }),
      saslUser: 'admin',
    }),
  ],
];
for (const [name, listener, access] of doors) {
  test(`in by ${name}`, ({ scene }) => withAdmin(`${scene.host}:${ports[listener]}`, access(scene), entered));
}

const wrong = { saslUser: 'admin', saslPassword: 'wr0ng-secret' } as const;
const user = /lets us not in: it refuses the user or the password \(SASL (PLAIN|SCRAM-SHA-256)\): check --sasl-user/;
const closedDoors: readonly (readonly [string, Listener, Access, RegExp])[] = [
  [
    'a wrong password (PLAIN)',
    'sasl',
    () => ({ ...wrong, securityProtocol: 'SASL_PLAINTEXT', saslMechanism: 'PLAIN' }),
    user,
  ],
  [
    'a wrong password (SCRAM)',
    'sasltls',
    ({ ours }) => ({ ...wrong, securityProtocol: 'SASL_SSL', saslMechanism: 'SCRAM-SHA-256', tlsCa: ours.ca }),
    user,
  ],
  [
    'a mechanism that is not enabled',
    'sasl',
    () => ({ ...sasl, securityProtocol: 'SASL_PLAINTEXT', saslMechanism: 'SCRAM-SHA-512' }),
    /its listener does not take SCRAM-SHA-512: see sasl\.enabled\.mechanisms/,
  ],
  [
    'SASL where there is none',
    'plain',
    () => ({ ...sasl, securityProtocol: 'SASL_PLAINTEXT', saslMechanism: 'PLAIN' }),
    /its listener takes no SASL: use --security-protocol PLAINTEXT/,
  ],
  ['no SASL where there is', 'sasl', () => ({}), /does its listener want SASL \(--security-protocol\)\?$/],
  [
    'plain text to a TLS port',
    'tls',
    () => ({}),
    /its listener speaks TLS: use --security-protocol SSL|is its listener of another protocol \(--security-protocol\)\?$/,
  ],
  [
    'TLS to a plaintext port',
    'plain',
    ({ ours }) => ({ securityProtocol: 'SSL', tlsCa: ours.ca }),
    /does its listener speak TLS at all/,
  ],
  [
    'nobody whom we trust',
    'tls',
    ({ others }) => ({ securityProtocol: 'SSL', tlsCa: others.ca }),
    /signed by nobody we trust: name who did, by --tls-ca or ssl\.truststore\.location/,
  ],
  [
    'a certificate of another host',
    'othername',
    ({ ours }) => ({ securityProtocol: 'SSL', tlsCa: ours.ca }),
    /its certificate is not for this host: .*ssl\.endpoint\.identification\.algorithm/,
  ],
  [
    'mTLS without a certificate',
    'mtls',
    ({ ours }) => ({ securityProtocol: 'SSL', tlsCa: ours.ca }),
    /it wants a certificate of ours that it trusts: give --tls-cert and --tls-key/,
  ],
  [
    'mTLS with a certificate of a stranger',
    'mtls',
    ({ ours, directory }) => ({ securityProtocol: 'SSL', tlsCa: ours.ca, tlsCert: join(directory, 'stranger.pem') }),
    /it wants a certificate of ours that it trusts: give --tls-cert and --tls-key/,
  ],
];
for (const [name, listener, access, expected] of closedDoors) {
  test(`not in: ${name}`, async ({ scene }) => {
    const fromMs = performance.now();
    const message = await withAdmin(`${scene.host}:${ports[listener]}`, access(scene), whyNot);
    assert.match(message, expected);
    assert.not.match(message, /secret/);
    assert.ok(performance.now() - fromMs < 5000, `took ${performance.now() - fromMs} ms`);
  });
}

test('nobody there: told at once, each with its reason', async ({ scene: { host } }) => {
  const fromMs = performance.now();
  const why = await withAdmin(`${host}:1,nowhere.invalid:9092`, {}, whyNot);
  assert.match(why, `cannot ask broker ${host}:1: connect ECONNREFUSED`);
  assert.match(why, /cannot ask broker nowhere\.invalid:9092: .*; is the name right, and known here\?/);
  assert.ok(performance.now() - fromMs < 5000);
});

test('an address that is silent costs a moment where another answers, and seconds where none does', async ({
  scene: { host },
}) => {
  await withFakeServer(
    () => undefined,
    async ({ connect: silent }) => {
      let fromMs = performance.now();
      await withAdmin(`${silent},${host}:9092`, {}, entered);
      assert.ok(performance.now() - fromMs < 3000);
      fromMs = performance.now();
      assert.is(await withAdmin(silent, {}, whyNot), `cannot ask broker ${silent}: it did not answer in time`);
      assert.ok(performance.now() - fromMs < 7000);
    },
  );
});

for (const [name, port, access] of [
  ['plain', ports.plain, {}],
  ['TLS', ports.tls, { securityProtocol: 'SSL' }],
] as const) {
  test(`through another way to the brokers, by names of its own: ${name}`, async ({ scene: { host, ours } }) => {
    const way = await readAccess({ ...noAccess, ...access, ...('securityProtocol' in access && { tlsCa: ours.ca }) });
    const dialled: string[] = [];
    const dial: Dial = (to) => {
      dialled.push(`${to.host}:${to.port}`);
      return connect({ host, port }, to.onConnect);
    };
    const bootstrap = () => Promise.resolve([{ host: 'broker-1', port: 9092 }]);
    const admin = openKafkaAdmin({ reach: { ...way, dial, bootstrap }, log: recordLog() });
    try {
      await entered(admin);
      assert.equal(dialled, ['broker-1:9092', `${host}:${port}`]);
    } finally {
      await admin.close();
    }
  });
}

test('a broker that goes away is not asked again, and is again when it is back', async ({ scene: { kafka, host } }) => {
  await withAdmin(`${host}:9092`, {}, async (admin) => {
    await entered(admin);
    await kafka.kill(1);
    assert.match(await whyNot(admin), /ECONNREFUSED/);
    await kafka.start(1);
    await waitFor(async () => (await admin.look()).kind === 'seen' || undefined, {
      ...{ for: 'a look at it', deadlineMs: 30_000 },
    });
  });
});

test('an ACL that lacks is named', async ({ scene: { host } }) => {
  const access = { securityProtocol: 'SASL_PLAINTEXT', saslMechanism: 'PLAIN', saslUser: 'reader' } as const;
  await withAdmin(`${host}:${ports.sasl}`, { ...access, saslPassword: secrets.reader }, async (admin) => {
    assert.is((await admin.look()).kind, 'seen');
    const partitions = [{ topic: 'orders', partition: 0 }];
    for (const [asked, needs] of [
      [() => admin.elect({ type: 'preferred', partitions }), 'ALTER on Cluster'],
      [() => admin.reassign([{ ...partitions[0], replicas: [1] } as never]), 'ALTER on Cluster'],
      [() => admin.listReassignments(), 'DESCRIBE on Cluster'],
      [() => admin.describeLogDirs(1), 'DESCRIBE on Cluster'],
      [() => admin.describeQuorum(), 'DESCRIBE on Cluster'],
      [() => admin.unregister(7), 'ALTER on Cluster'],
      [() => admin.readConfigs([{ broker: 1 }], ['log.dirs']), 'DESCRIBE_CONFIGS on Topic and Cluster'],
    ] as const) {
      const failure = await failureOf(asked());
      assert.is(failure.code, 'kafka-access');
      assert.match(failure.message, `the cluster forbids it (CLUSTER_AUTHORIZATION_FAILED`);
      assert.match(failure.message, `; it takes ${needs}: \`kafka-acls --add`);
    }
    const change = { resource: { broker: 1 }, key: 'log.cleaner.threads', operation: 'set', value: '1' } as const;
    assert.is((await admin.changeConfigs([change]))[0]?.problem?.name, 'CLUSTER_AUTHORIZATION_FAILED');
  });
});

for (const [name, access, expected] of [
  [
    'a truststore of Java',
    byFile(({ directory, ours }) => ({
      'security.protocol': 'SSL',
      'ssl.truststore.location': jks(directory, ours.ca),
    })),
    /ssl\.truststore\.location: whom to trust must be in PEM, and this is (PKCS12|Java's JKS): `keytool -list -rfc/,
  ],
  [
    'a wrong password of a keystore',
    byFile(({ ours }) => ({
      ...{ 'security.protocol': 'SSL', 'ssl.keystore.location': ours.pkcs12('client', 'store-pass') },
      'ssl.keystore.password': 'no-pass',
    })),
    /ssl\.keystore\.location: can not be used for TLS \(.*\); is ssl\.key\.password or ssl\.keystore\.password right\?/,
  ],
  [
    'a wrong password of a key',
    byFile(({ ours, directory }) => ({
      ...{ 'security.protocol': 'SSL', 'ssl.keystore.certificate.chain': textOf(join(directory, 'client.crt')) },
      ...{ 'ssl.keystore.key': textOf(ours.encryptedKey('client', 'key-pass')), 'ssl.key.password': 'no-pass' },
    })),
    /can not be used for TLS \(.*\); is ssl\.key\.password or ssl\.keystore\.password right\?/,
  ],
  [
    'a file that is not there',
    () => ({ commandConfig: '/nowhere/client.properties' }),
    /--command-config: cannot read \/nowhere\/client\.properties \(ENOENT\)/,
  ],
] as const) {
  test(`before any is asked: ${name}`, async ({ scene }) => {
    const failure = await failureOf(readAccess({ ...noAccess, ...access(scene) }));
    assert.is(failure.code, 'settings-invalid');
    assert.match(failure.message, expected);
    assert.not.match(failure.message, /no-pass|store-pass|key-pass/);
  });
}

const textOf = (path: string): string => execFileSync('cat', [path], { encoding: 'utf8' });

function passwordFile({ directory }: AccessScene, password: string): string {
  writeFileSync(join(directory, 'password'), `${password}\n`);
  return join(directory, 'password');
}

function jks(directory: string, ca: string): string {
  const store = join(directory, 'trust.jks');
  const words = ['-importcert', '-noprompt', '-alias', 'ours', '-file', ca, '-keystore', store];
  execFileSync('keytool', [...words, '-storetype', 'JKS', '-storepass', 'store-pass'], { stdio: 'ignore' });
  return store;
}

test.run();
