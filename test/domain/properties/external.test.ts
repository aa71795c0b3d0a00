import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Endpoint } from '../../../src/domain/external-address.ts';
import { withExternal } from '../../../src/domain/properties/external.ts';
import { planProperties, type PropertiesInput, type PropertiesPlan } from '../../../src/domain/properties/plan.ts';

const test = suite('the listener for clients outside');

type Set = Readonly<Record<string, string>>;

const inputOf = (set: Set): PropertiesInput => ({
  template: {
    source: 'T',
    text: Object.entries(set)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  },
  environment: {},
  secretFiles: new Map(),
  podIp: '10.0.0.7',
  external: true,
});

function planOf(set: Set): PropertiesPlan {
  const planned = planProperties(inputOf(set));
  if (!planned.ok) throw new Error(planned.problems.join('\n'));
  return planned.plan;
}

const asked = ['listeners', 'advertised.listeners', 'listener.security.protocol.map', 'inter.broker.listener.name'];
const kafkas = 'PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL';

interface Row {
  readonly name: string;
  readonly set?: Set;
  readonly at?: Endpoint;
  /** listeners, advertised.listeners, the protocol map, the listener between brokers. */
  readonly expected: readonly (string | undefined)[];
}

const table: readonly Row[] = [
  {
    name: 'beside the listener that there is anyway',
    expected: [
      'PLAINTEXT://0.0.0.0:9092,EXTERNAL://0.0.0.0:9094',
      'PLAINTEXT://10.0.0.7:9092,EXTERNAL://192.168.49.2:31001',
      `${kafkas},EXTERNAL:PLAINTEXT`,
      'PLAINTEXT',
    ],
  },
  {
    name: 'an IPv6 address',
    at: { host: 'fd00::2', port: 31001 },
    expected: [
      'PLAINTEXT://0.0.0.0:9092,EXTERNAL://[::]:9094',
      'PLAINTEXT://10.0.0.7:9092,EXTERNAL://[fd00::2]:31001',
      `${kafkas},EXTERNAL:PLAINTEXT`,
      'PLAINTEXT',
    ],
  },
  {
    name: 'beside listeners of somebody’s own, with a map of their own: brokers meet at the first',
    set: {
      'advertised.listeners': 'IN://kafka-{id}.kafka:9092,OTHER://h:9095',
      'listener.security.protocol.map': 'IN:PLAINTEXT, OTHER:PLAINTEXT',
    },
    expected: [
      'IN://0.0.0.0:9092,OTHER://0.0.0.0:9095,EXTERNAL://0.0.0.0:9094',
      'IN://kafka-{id}.kafka:9092,OTHER://h:9095,EXTERNAL://192.168.49.2:31001',
      'IN:PLAINTEXT, OTHER:PLAINTEXT,EXTERNAL:PLAINTEXT',
      'IN',
    ],
  },
  {
    name: 'brokers go on meeting where Kafka lets them meet by itself',
    set: { listeners: 'SSL://:9093,PLAINTEXT://:9092', 'listener.security.protocol.map': `${kafkas},EXTERNAL:SSL` },
    expected: [
      'SSL://:9093,PLAINTEXT://:9092,EXTERNAL://0.0.0.0:9094',
      'SSL://10.0.0.7:9093,PLAINTEXT://10.0.0.7:9092,EXTERNAL://192.168.49.2:31001',
      `${kafkas},EXTERNAL:SSL`,
      'PLAINTEXT',
    ],
  },
  {
    name: 'a protocol that was told, and a listener between brokers that was told by its protocol',
    set: {
      listeners: 'SASL_SSL://:9093',
      'security.inter.broker.protocol': 'SASL_SSL',
      'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,external:SASL_SSL',
    },
    expected: [
      'SASL_SSL://:9093,EXTERNAL://0.0.0.0:9094',
      'SASL_SSL://10.0.0.7:9093,EXTERNAL://192.168.49.2:31001',
      'SASL_SSL:SASL_SSL,external:SASL_SSL',
      undefined,
    ],
  },
  {
    name: 'a listener between brokers that was told',
    set: {
      listeners: 'A://:9092,B://:9093',
      'listener.security.protocol.map': 'A:PLAINTEXT,B:PLAINTEXT',
      'inter.broker.listener.name': 'B',
    },
    expected: [
      'A://:9092,B://:9093,EXTERNAL://0.0.0.0:9094',
      'A://10.0.0.7:9092,B://10.0.0.7:9093,EXTERNAL://192.168.49.2:31001',
      'A:PLAINTEXT,B:PLAINTEXT,EXTERNAL:PLAINTEXT',
      'B',
    ],
  },
  {
    name: 'a controller keeps the protocol that Kafka gives it without a map',
    set: {
      'process.roles': 'broker,controller',
      'controller.listener.names': 'CTL',
      listeners: 'CTL://:9093,PLAINTEXT://:9092',
    },
    expected: [
      'CTL://:9093,PLAINTEXT://:9092,EXTERNAL://0.0.0.0:9094',
      'PLAINTEXT://10.0.0.7:9092,EXTERNAL://192.168.49.2:31001',
      `${kafkas},CTL:PLAINTEXT,EXTERNAL:PLAINTEXT`,
      'PLAINTEXT',
    ],
  },
];
for (const { name, set = {}, at = { host: '192.168.49.2', port: 31001 }, expected } of table) {
  test(name, () => {
    const { entries } = withExternal(planOf(set), at);
    assert.equal(
      asked.map((key) => entries.get(key)?.value),
      expected,
    );
  });
}

test('without an address nothing is different', () => {
  const without = planProperties({ ...inputOf({}), external: false });
  assert.ok(without.ok);
  assert.equal([...planOf({}).entries], [...without.plan.entries]);
});

const wrong: readonly (readonly [string, Set, RegExp])[] = [
  [
    'a listener of that name',
    { listeners: 'PLAINTEXT://:9092,external://:9095' },
    /^T:1 and --external both make the listener EXTERNAL: remove one of them$/,
  ],
  [
    'a listener of that name, advertised',
    { 'advertised.listeners': 'PLAINTEXT://h:9092,EXTERNAL://h:9095' },
    /^T:1 and --external both make the listener EXTERNAL/,
  ],
  [
    'its port',
    { 'advertised.listeners': 'PLAINTEXT://h:9094' },
    /^T:1 and --external both bind port 9094: take another/,
  ],
  ['its port, in the old way', { port: '9094' }, /^port and --external both bind port 9094/],
  [
    'a door without a lock beside one with',
    { listeners: 'SASL_SSL://:9093', 'inter.broker.listener.name': 'SASL_SSL' },
    /^--external would let clients in by PLAINTEXT, and the listener SASL_SSL would not: name the protocol of EXTERNAL/,
  ],
  [
    'the same, by a map',
    { listeners: 'A://:9092,B://:9093', 'listener.security.protocol.map': 'A:PLAINTEXT,B:SASL_SSL' },
    /the listener B would not/,
  ],
  [
    'a controller alone',
    { 'process.roles': 'controller', 'controller.listener.names': 'CTL', listeners: 'CTL://:9093' },
    /^T:1 makes this no broker, and --external is for one/,
  ],
];
for (const [name, set, expected] of wrong) {
  test(`wrong: ${name}`, () => {
    const planned = planProperties(inputOf(set));
    const problems = planned.ok ? [] : planned.problems;
    assert.is(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] ?? '', expected);
  });
}

test('a port elsewhere, which only looks like ours, is no conflict', () => {
  const set = { listeners: 'PLAINTEXT://:9092', 'advertised.listeners': 'PLAINTEXT://h:9094' };
  assert.is(planOf(set).entries.get('advertised.listeners')?.value, 'PLAINTEXT://h:9094');
});

test.run();
