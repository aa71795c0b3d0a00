import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { logDirNameOf, parseBrokerId, parseLogDirName } from '../../src/domain/ids.ts';

const test = suite('ids and names of log dirs');

for (const [text, id] of [
  ['0', 0],
  ['7', 7],
  ['1001', 1001],
  ['2147483647', 2147483647],
  ['2147483648', undefined],
  ['99999999999', undefined],
  ['-1', undefined],
  ['01', undefined],
  ['1.0', undefined],
  [' 1', undefined],
  ['', undefined],
] as const) {
  test(`the id ${JSON.stringify(text)}`, () => assert.is(parseBrokerId(text), id));
}

for (const [name, expected] of [
  ['kafka-logs-0', [0, 'current']],
  ['kafka-logs-12', [12, 'current']],
  ['kafka-log3', [3, '2017']],
  ['kafka-log03', undefined],
  ['kafka-logs-01', undefined],
  ['kafka-logs', undefined],
  ['kafka-logs-', undefined],
  ['kafka-logs-1.bak', undefined],
  ['xkafka-logs-1', undefined],
  ['kafka-logs-99999999999', undefined],
  ['lost+found', undefined],
  ['.barnabas', undefined],
] as const) {
  test(`the entry ${name}`, () => {
    const found = parseLogDirName(name);
    assert.equal(found && [found.brokerId, found.layout], expected);
    if (found) assert.is(found.name, name);
  });
}

test('a new log dir has a name that is read back', () => {
  assert.is(parseLogDirName(logDirNameOf(42))?.brokerId, 42);
});

test.run();
