import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planProperties, type PropertiesInput } from '../../../src/domain/properties/plan.ts';
import { renderProperties } from '../../../src/domain/properties/render.ts';

const test = suite('the plan of server.properties');

type Given = Partial<Omit<PropertiesInput, 'template'>> & { readonly template?: string };

const inputOf = ({ template, ...given }: Given): PropertiesInput => ({
  environment: {},
  secretFiles: new Map(),
  podIp: '10.0.0.7',
  ...(template !== undefined && { template: { source: 'server.properties', text: template } }),
  ...given,
});

/** The whole file for broker 3, as an object. */
function propertiesOf(given: Given): Record<string, string> {
  const planned = planProperties(inputOf(given));
  if (!planned.ok) throw new Error(planned.problems.join('\n'));
  const { entries } = renderProperties(planned.plan, { brokerId: 3, logDir: '/volume/kafka-logs-3' });
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

function problemsOf(given: Given): readonly string[] {
  const planned = planProperties(inputOf(given));
  return planned.ok ? [] : planned.problems;
}

function warningsOf(given: Given): readonly string[] {
  const planned = planProperties(inputOf(given));
  if (!planned.ok) throw new Error(planned.problems.join('\n'));
  return planned.warnings;
}

test('a ZooKeeper broker with nothing but its ensemble', () => {
  assert.equal(propertiesOf({ zookeeper: 'zk:2181' }), {
    'advertised.listeners': 'PLAINTEXT://10.0.0.7:9092',
    'broker.id': '3',
    'broker.id.generation.enable': 'false',
    listeners: 'PLAINTEXT://0.0.0.0:9092',
    'log.dirs': '/volume/kafka-logs-3',
    'zookeeper.connect': 'zk:2181',
  });
});

test('a KRaft broker has node.id, and nothing of ZooKeeper', () => {
  const environment = {
    KAFKA_PROCESS_ROLES: 'broker',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '100@c:9093',
    ZOOKEEPER_SERVICE_HOST: '10.96.0.2',
  };
  const properties = propertiesOf({ environment });
  assert.is(properties['node.id'], '3');
  assert.not.ok('broker.id' in properties || 'zookeeper.connect' in properties);
  assert.not.ok('broker.id.generation.enable' in properties);
});

test('variables go over the template, and each key stands once', () => {
  const properties = propertiesOf({
    zookeeper: 'zk:2181',
    template: 'log.retention.hours=1\nnum.io.threads=8\n',
    environment: { KAFKA_LOG_RETENTION_HOURS: '5' },
  });
  assert.is(properties['log.retention.hours'], '5');
  assert.is(properties['num.io.threads'], '8');
});

test('the template takes variables, and leaves what is Kafka’s own to Kafka', () => {
  const properties = propertiesOf({
    zookeeper: 'zk:2181',
    template: 'broker.rack=${ZONE}\nssl.key.password=${file:/run/secret:password}\na=$ZONE ${zone}\n',
    environment: { ZONE: 'eu-1a' },
  });
  assert.is(properties['broker.rack'], 'eu-1a');
  assert.is(properties['ssl.key.password'], '${file:/run/secret:password}');
  assert.is(properties['a'], '$ZONE ${zone}');
});

test('a secret comes from its file, without the last line end', () => {
  const properties = propertiesOf({
    zookeeper: 'zk:2181',
    environment: { KAFKA_SSL_KEY_PASSWORD_FILE: '/run/secret' },
    secretFiles: new Map([['KAFKA_SSL_KEY_PASSWORD_FILE', { path: '/run/secret', text: ' two\nlines \n' }]]),
  });
  assert.is(properties['ssl.key.password'], ' two\nlines ');
});

test('secrets are known as such', () => {
  const names = ['SSL_KEY_PASSWORD', 'SASL_JAAS_CONFIG', 'X_TOKEN', 'SSL_KEYSTORE_KEY', 'LOG_RETENTION_HOURS'];
  const environment = Object.fromEntries(names.map((name) => [`KAFKA_${name}`, 'x']));
  const planned = planProperties(inputOf({ zookeeper: 'zk:2181', environment }));
  assert.ok(planned.ok);
  const { entries } = renderProperties(planned.plan, { brokerId: 0, logDir: '/v' });
  const secret = entries.filter((entry) => entry.secret).map(({ key }) => key);
  assert.equal(secret, ['sasl.jaas.config', 'ssl.key.password', 'ssl.keystore.key', 'x.token']);
});

test('an empty variable is an unset one, unless the key says something by being empty', () => {
  const environment = { KAFKA_ADVERTISED_LISTENERS: '', KAFKA_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM: '' };
  const given = { zookeeper: 'zk:2181', environment };
  assert.is(propertiesOf(given)['advertised.listeners'], 'PLAINTEXT://10.0.0.7:9092');
  assert.is(propertiesOf(given)['ssl.endpoint.identification.algorithm'], '');
  assert.equal(warningsOf(given), [
    "KAFKA_ADVERTISED_LISTENERS is empty, so advertised.listeners is left at Kafka's default",
  ]);
});

test('an id of -1, or none, is to be claimed', () => {
  const environment = { KAFKA_BROKER_ID: '-1', KAFKA_NODE_ID: '-1' };
  assert.is(propertiesOf({ zookeeper: 'zk:2181', environment, template: 'log.dirs=\n' })['broker.id'], '3');
});

test('generated ids are off, so that a reclaimed id above 1000 is not refused, unless somebody wants them', () => {
  const environment = { KAFKA_BROKER_ID_GENERATION_ENABLE: 'true' };
  assert.is(propertiesOf({ zookeeper: 'zk:2181', environment })['broker.id.generation.enable'], 'true');
});

test('with neither ZooKeeper nor roles somebody is warned, and nothing more', () => {
  assert.match(warningsOf({}).join('\n'), /neither --zookeeper nor KAFKA_PROCESS_ROLES is set/);
});

const wrong: readonly (readonly [string, Given, readonly RegExp[]])[] = [
  ...(['KAFKA_BROKER_ID', 'KAFKA_NODE_ID'] as const).map(
    (name) =>
      [name, { environment: { [name]: '7' } }, [new RegExp(`^${name} sets .*\\.id to 7, and Barnabas`)]] as const,
  ),
  ['log.dirs', { template: 'log.dirs=/data' }, [/^server\.properties:1 sets log\.dirs to \/data, and Barnabas/]],
  ['log.dir', { environment: { KAFKA_LOG_DIR: '/data' } }, [/^KAFKA_LOG_DIR sets log\.dir/]],
  ['two lines at once', { template: 'x\ny' }, [/^server\.properties:1: is no property/, /^server\.properties:2: /]],
  ['an unset variable', { template: 'a=1\nb=${NO}' }, [/^server\.properties:2: \$\{NO\} stands for .* not set$/]],
  [
    'a secret twice',
    {
      environment: { KAFKA_A: 'hidden', KAFKA_A_FILE: '/a' },
      secretFiles: new Map([['KAFKA_A_FILE', { path: '/a', text: 'hidden' }]]),
    },
    [/^KAFKA_A and KAFKA_A_FILE both set a: remove one of them$/],
  ],
  [
    'a file that is not there',
    {
      environment: { KAFKA_A_FILE: '/a' },
      secretFiles: new Map([['KAFKA_A_FILE', { path: '/a', problem: "can't be read (ENOENT)" }]]),
    },
    [/^KAFKA_A_FILE: \/a can't be read \(ENOENT\)$/],
  ],
  [
    'one key in two spellings',
    { environment: { KAFKA_LOG_A: '1', KAFKA_log_a: '2' } },
    [/^KAFKA_LOG_A and KAFKA_log_a/],
  ],
  [
    'roles and ZooKeeper',
    { zookeeper: 'zk', environment: { KAFKA_PROCESS_ROLES: 'broker' } },
    [/KAFKA_PROCESS_ROLES makes this a KRaft broker, and --zookeeper a ZooKeeper one/],
  ],
  [
    'two ensembles',
    { zookeeper: 'a:1', environment: { KAFKA_ZOOKEEPER_CONNECT: 'b:1' } },
    [/^--zookeeper says a:1, and KAFKA_ZOOKEEPER_CONNECT says b:1/],
  ],
  [
    'a bad ensemble',
    { environment: { KAFKA_ZOOKEEPER_CONNECT: 'zk:x' } },
    [/^KAFKA_ZOOKEEPER_CONNECT: "zk:x" is no address of ZooKeeper/],
  ],
  [
    'two clusters',
    { environment: { KAFKA_CLUSTER_ID: 'a', CLUSTER_ID: 'b' } },
    [/^KAFKA_CLUSTER_ID says a, and CLUSTER_ID says b/],
  ],
  ['a name of many meanings', { environment: { KAFKA_A____B: '1' } }, [/^KAFKA_A____B: underscores/]],
];
for (const [name, given, expected] of wrong) {
  test(`wrong: ${name}`, () => {
    const problems = problemsOf(given);
    assert.is(problems.length, expected.length, problems.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(problems[index] ?? '', pattern);
    assert.not.match(problems.join('\n'), /hidden/);
  });
}

test('all that is wrong is told at once', () => {
  const environment = { KAFKA_BROKER_ID: '1', KAFKA_LISTENERS: 'x', KAFKA_ZOOKEEPER_CONNECT: ',' };
  assert.is(problemsOf({ template: 'junk', environment }).length, 4);
});

test('migrating from ZooKeeper to KRaft takes both', () => {
  const environment = { KAFKA_PROCESS_ROLES: 'broker', KAFKA_ZOOKEEPER_METADATA_MIGRATION_ENABLE: 'true' };
  assert.is(propertiesOf({ zookeeper: 'zk:2181', environment })['zookeeper.connect'], 'zk:2181');
});

test("the flag goes over the template's ensemble", () => {
  assert.is(propertiesOf({ zookeeper: 'a:1', template: 'zookeeper.connect=b:1' })['zookeeper.connect'], 'a:1');
});

const ensembles: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['one Service', { ZOOKEEPER_SERVICE_HOST: '10.96.0.2', ZOOKEEPER_SERVICE_PORT: '2182' }, '10.96.0.2:2182'],
  ['no port', { ZOOKEEPER_SERVICE_HOST: '10.96.0.2' }, '10.96.0.2:2181'],
  [
    'numeric order, not that of words',
    { ZOOKEEPER10_SERVICE_HOST: 'j', ZOOKEEPER2_SERVICE_HOST: 'b', ZOOKEEPER_1_SERVICE_HOST: 'a' },
    'a:2181,b:2181,j:2181',
  ],
  ['a chroot', { ZOOKEEPER1_SERVICE_HOST: 'a', ZOOKEEPER_CHROOT: '/kafka' }, 'a:2181/kafka'],
  ['IPv6', { ZOOKEEPER1_SERVICE_HOST: 'fd00::2' }, '[fd00::2]:2181'],
];
for (const [name, environment, connect] of ensembles) {
  test(`ZooKeeper found by its Services: ${name}`, () => {
    assert.is(propertiesOf({ environment })['zookeeper.connect'], connect);
    const planned = planProperties(inputOf({ environment }));
    assert.is(planned.ok && planned.plan.zookeeperConnect, connect);
  });
}

test('Services of ZooKeeper that make no sense are told', () => {
  const environment = {
    ZOOKEEPER_SERVICE_HOST: 'a',
    ZOOKEEPER_SERVICE_PORT: 'tcp://a:2181',
    ZOOKEEPER_CHROOT: 'kafka',
  };
  assert.match(problemsOf({ environment }).join('\n'), /ZOOKEEPER_SERVICE_PORT: "tcp.*\n.*ZOOKEEPER_CHROOT: "kafka"/);
});

test('a told ensemble goes before the Services, and a chroot beside it is warned of', () => {
  const environment = { ZOOKEEPER_SERVICE_HOST: 'a', ZOOKEEPER_CHROOT: '/kafka' };
  assert.is(propertiesOf({ zookeeper: 'b:1', environment })['zookeeper.connect'], 'b:1');
  assert.match(warningsOf({ zookeeper: 'b:1', environment }).join('\n'), /ZOOKEEPER_CHROOT goes with/);
});

test('the cluster id that everybody copies is warned of', () => {
  const given = { zookeeper: 'zk', environment: { CLUSTER_ID: '5L6g3nShT-eMCtK--X86sw' } };
  assert.match(warningsOf(given).join('\n'), /the example that many images share/);
});

test('the file: sorted, escaped, with {id} in its listeners only', () => {
  const environment = {
    KAFKA_LISTENERS: 'IN://:9092,OUT://:9094',
    KAFKA_ADVERTISED_LISTENERS: 'IN://kafka-{id}.kafka:9092,OUT://[2001:db8::1]:9094',
    KAFKA_SASL_JAAS_CONFIG: 'org.Login required\n user="{id}" \\ ü;',
  };
  const planned = planProperties(inputOf({ zookeeper: 'zk:2181', environment }));
  assert.ok(planned.ok);
  const { text } = renderProperties(planned.plan, { brokerId: 3, logDir: '/vol ume/kafka-logs-3' });
  assert.is(
    text,
    [
      '# Written by Barnabas for this broker. Changes are lost at its next start.',
      'advertised.listeners=IN://kafka-3.kafka:9092,OUT://[2001:db8::1]:9094',
      'broker.id=3',
      'broker.id.generation.enable=false',
      'listeners=IN://:9092,OUT://:9094',
      'log.dirs=/vol ume/kafka-logs-3',
      'sasl.jaas.config=org.Login required\\n user="{id}" \\\\ \\u00FC;',
      'zookeeper.connect=zk:2181',
      '',
    ].join('\n'),
  );
});

test.run();
