/** Every request and every answer, in every version, to the byte. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formOf, negotiate } from '../../../src/kafka/protocol/api.ts';
import { nameOfError, problemOf } from '../../../src/kafka/protocol/errors.ts';
import { Reader } from '../../../src/kafka/protocol/reader.ts';
import { Writer } from '../../../src/kafka/protocol/writer.ts';
import { readGolden } from './golden.ts';
import { allMessages, keyOf, versionsOf } from './messages.ts';

const test = suite("Kafka's protocol");
const golden = readGolden();

for (const { name, api, requests, answers } of allMessages) {
  test(`${name}: what is asked, in versions ${api.versions.join(' to ')}`, () => {
    for (const version of versionsOf(api)) {
      requests.forEach(({ ours }, index) => {
        const to = new Writer(formOf(api, version));
        api.write(to, ours as never, version);
        const key = keyOf(`${name}Request`, version, index);
        assert.is(to.bytes.toString('hex'), golden.get(key), key);
      });
    }
  });

  test(`${name}: what is answered, in versions ${api.versions.join(' to ')}`, () => {
    for (const version of versionsOf(api)) {
      answers.forEach(({ ours }, index) => {
        const key = keyOf(`${name}Response`, version, index);
        const from = new Reader(Buffer.from(golden.get(key) ?? '', 'hex'), formOf(api, version));
        assert.equal(api.read(from, version), ours(version), key);
        assert.is(from.left, 0, `${key} is read to its end`);
      });
    }
  });

  test(`${name}: an answer that was cut off is none`, () => {
    for (const version of versionsOf(api)) {
      const bytes = Buffer.from(golden.get(keyOf(`${name}Response`, version, 0)) ?? '', 'hex');
      for (let length = 0; length < bytes.length; length += 1) {
        assert.throws(
          () => api.read(new Reader(bytes.subarray(0, length), formOf(api, version)), version),
          (error: unknown) => error instanceof RangeError,
        );
      }
    }
  });
}

for (const [offered, expected] of [
  [
    { minVersion: 0, maxVersion: 9 },
    { kind: 'version', version: 3 },
  ],
  [
    { minVersion: 3, maxVersion: 3 },
    { kind: 'version', version: 3 },
  ],
  [
    { minVersion: 0, maxVersion: 1 },
    { kind: 'version', version: 1 },
  ],
  [{ minVersion: 4, maxVersion: 9 }, { kind: 'too-new' }],
  [{ minVersion: 0, maxVersion: 0 }, { kind: 'too-old' }],
  [undefined, { kind: 'unknown' }],
] as const) {
  test(`of versions 1 to 3 and ${JSON.stringify(offered)}: ${JSON.stringify(expected)}`, () => {
    assert.equal(negotiate({ versions: [1, 3] }, offered), expected);
  });
}

test('tags that we do not know are skipped', () => {
  const from = new Reader(Buffer.from('0200030a0b0c85010111ff', 'hex'), 'flexible');
  from.tags();
  assert.is(from.left, 1);
});

test('what is no answer makes no endless list', () => {
  const plain = new Reader(Buffer.from('7fffffff00', 'hex'), 'plain');
  assert.throws(() => plain.int32s(), /longer than the answer/);
  const flexible = new Reader(Buffer.from('ffffffffff', 'hex'), 'flexible');
  assert.throws(() => flexible.int32s(), /a number has no end/);
});

test('a request of any size', () => {
  const to = new Writer('flexible');
  const numbers = Array.from({ length: 100_000 }, (_, index) => index);
  to.int32s(numbers);
  assert.equal(new Reader(to.bytes, 'flexible').int32s(), numbers);
});

test('errors have the names of Kafka', () => {
  const names = [-1, 0, 29, 41, 84, 102, 133, 999].map(nameOfError);
  assert.equal(names, [
    ...['UNKNOWN_SERVER_ERROR', 'NONE', 'TOPIC_AUTHORIZATION_FAILED', 'NOT_CONTROLLER', 'ELECTION_NOT_NEEDED'],
    ...['BROKER_ID_NOT_REGISTERED', 'SHARE_SESSION_LIMIT_REACHED', 'ERROR_999'],
  ]);
  assert.is(problemOf(0, null), null);
  assert.equal(problemOf(3, null), { code: 3, name: 'UNKNOWN_TOPIC_OR_PARTITION', message: null });
});

test.run();
