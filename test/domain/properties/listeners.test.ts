import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entries } from '../../../src/domain/properties/layers.ts';
import { decideListeners } from '../../../src/domain/properties/listeners.ts';

const test = suite('listeners');

interface Row {
  readonly name: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly told?: string;
  readonly podIp?: string | null;
  readonly listeners?: string | undefined;
  readonly advertised?: string | undefined;
  readonly problems?: readonly RegExp[];
  readonly warnings?: number;
}

const everywhere = 'PLAINTEXT://0.0.0.0:9092';

const table: readonly Row[] = [
  { name: 'nothing set', listeners: everywhere, advertised: 'PLAINTEXT://10.0.0.7:9092' },
  { name: 'an IPv6 pod', podIp: 'fd00::7', listeners: everywhere, advertised: 'PLAINTEXT://[fd00::7]:9092' },
  {
    name: 'a told host',
    told: 'kafka-{id}.kafka',
    listeners: everywhere,
    advertised: 'PLAINTEXT://kafka-{id}.kafka:9092',
  },
  { name: 'no address at all', podIp: null, problems: [/^no address .* set --advertised-host$/] },
  {
    name: 'no address, but a told host',
    podIp: null,
    told: 'h',
    listeners: everywhere,
    advertised: 'PLAINTEXT://h:9092',
  },
  {
    name: 'only listeners',
    set: { listeners: 'SSL://:9093, SASL_SSL://0.0.0.0:9094' },
    listeners: 'SSL://:9093, SASL_SSL://0.0.0.0:9094',
    advertised: 'SSL://10.0.0.7:9093,SASL_SSL://10.0.0.7:9094',
  },
  {
    name: 'a listener with an address of its own is advertised as that',
    set: { listeners: 'IN://10.1.1.1:9092,OUT://[::]:9094' },
    listeners: 'IN://10.1.1.1:9092,OUT://[::]:9094',
    advertised: 'IN://10.1.1.1:9092,OUT://10.0.0.7:9094',
  },
  {
    name: 'only advertised listeners',
    set: { 'advertised.listeners': 'IN://kafka-{id}:9092,OUT://[2001:db8::1]:9094' },
    listeners: 'IN://0.0.0.0:9092,OUT://[::]:9094',
    advertised: 'IN://kafka-{id}:9092,OUT://[2001:db8::1]:9094',
  },
  {
    name: 'both are left as they are',
    set: { listeners: 'IN://:9092', 'advertised.listeners': 'IN://h:19092' },
    listeners: 'IN://:9092',
    advertised: 'IN://h:19092',
  },
  {
    name: "a controller's listener is not advertised",
    set: {
      'process.roles': 'broker,controller',
      listeners: 'IN://:9092,CTL://:9093',
      'controller.listener.names': 'CTL',
    },
    listeners: 'IN://:9092,CTL://:9093',
    advertised: 'IN://10.0.0.7:9092',
  },
  {
    name: 'a controller alone advertises nothing',
    set: { 'process.roles': 'controller', listeners: 'CTL://:9093' },
    listeners: 'CTL://:9093',
    advertised: undefined,
  },
  {
    name: 'the old names',
    set: { 'host.name': '10.1.1.1', port: '9999', 'advertised.host.name': 'h', 'advertised.port': '19999' },
    listeners: 'PLAINTEXT://10.1.1.1:9999',
    advertised: 'PLAINTEXT://h:19999',
    warnings: 4,
  },
  {
    name: 'the old names without .name',
    set: { 'advertised.host': 'h', 'advertised.port': '19999' },
    listeners: everywhere,
    advertised: 'PLAINTEXT://h:19999',
    warnings: 2,
  },
  { name: 'an old port that is none', set: { port: 'x' }, problems: [/^KEY port: "x" is no port$/], warnings: 1 },
  { name: 'no list', set: { listeners: 'IN:9092' }, problems: [/^KEY listeners: "IN:9092" is no list of listeners/] },
  { name: 'a bare IPv6 address', set: { 'advertised.listeners': 'IN://fd00::7:9092' }, problems: [/is no list of/] },
  { name: 'a port too high', set: { listeners: 'IN://:70000' }, problems: [/is no list of listeners/] },
  {
    name: '0.0.0.0 advertised',
    set: { 'advertised.listeners': 'IN://0.0.0.0:9092' },
    problems: [/no client can reach/],
  },
  {
    name: 'advertised in two ways',
    set: { 'advertised.listeners': 'IN://h:9092', 'advertised.host': 'i' },
    told: 'j',
    problems: [
      /^KEY advertised\.listeners and --advertised-host both say/,
      /^KEY advertised\.listeners and KEY advertised\.host both say/,
    ],
    warnings: 1,
  },
];

for (const row of table) {
  test(row.name, () => {
    const entries: Entries = new Map(
      Object.entries(row.set ?? {}).map(([key, value]) => [key, { value, source: `KEY ${key}` }]),
    );
    const findings = { problems: [] as string[], warnings: [] as string[] };
    const podIp = row.podIp === null ? undefined : (row.podIp ?? '10.0.0.7');
    decideListeners(entries, { told: row.told, podIp }, findings);
    const expected = row.problems ?? [];
    assert.is(findings.problems.length, expected.length, findings.problems.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(findings.problems[index] ?? '', pattern);
    assert.is(findings.warnings.length, row.warnings ?? 0);
    if (expected.length > 0) return;
    assert.is(entries.get('listeners')?.value, row.listeners);
    assert.is(entries.get('advertised.listeners')?.value, row.advertised);
    for (const key of ['port', 'host', 'host.name', 'advertised.host', 'advertised.port']) assert.not(entries.has(key));
  });
}

test.run();
