import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { foreignDirectories, parseMetaProperties } from '../../src/domain/log-dir.ts';

const test = suite("a log dir's content");

for (const [name, isForeign] of [
  ['orders-0', false],
  ['my-topic-12', false],
  ['__consumer_offsets-49', false],
  ['orders-0.0123456789abcdef0123456789abcdef-delete', false],
  ['orders-0.0123456789abcdef0123456789abcdef-future', false],
  ['orders-0.0123456789abcdef0123456789abcdef-stray', false],
  ['remote-log-index-cache', false],
  ['lost+found', true],
  ['.snapshot', true],
  ['orders', true],
  ['orders-', true],
  ['-0', true],
] as const) {
  test(`the directory ${name}`, () => {
    assert.equal(foreignDirectories([{ name, isDirectory: true }]), isForeign ? [name] : []);
    assert.equal(foreignDirectories([{ name, isDirectory: false }]), []);
  });
}

for (const [name, text, expected] of [
  ['version 0', '#\n#Mon\ncluster.id=abc\nversion=0\nbroker.id=3\n', { brokerId: 3, clusterId: 'abc' }],
  [
    'version 1',
    'node.id=4\nversion=1\ncluster.id=abc\ndirectory.id=x\n',
    { brokerId: 4, clusterId: 'abc', directoryId: 'x' },
  ],
  ['of Kafka before 0.10.1', 'version=0\nbroker.id=3\n', { brokerId: 3, clusterId: undefined }],
  ['without an id', 'version=1\ncluster.id=abc\n', { brokerId: undefined, clusterId: 'abc' }],
  ['with Windows line ends', 'version=0\r\nbroker.id=3\r\n', { brokerId: 3, clusterId: undefined }],
  ['empty', '', undefined],
  ['without a version', 'broker.id=3\n', undefined],
  ['of a later version', 'version=2\nbroker.id=3\n', undefined],
  ['torn', 'version=0\nbroker.i', undefined],
  ['with an id that is none', 'version=0\nbroker.id=x\n', undefined],
] as const) {
  test(`meta.properties ${name}`, () =>
    assert.equal(parseMetaProperties(text), expected && { directoryId: undefined, ...expected }));
}

test.run();
