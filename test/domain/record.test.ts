import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseEnd, parseRecord, serialise, type ClaimRecord, type EndCertificate } from '../../src/domain/record.ts';
import { parseVolumeIdentity } from '../../src/domain/volume-identity.ts';

const test = suite('claim records');
const pod = { name: 'kafka-a', namespace: 'kafka', uid: 'uid-a' };
const expected = { id: 2, generation: 17 };
const record: ClaimRecord = {
  ...{ layout: 1, ...expected, pod, node: 'node-a', bootId: 'boot', mode: 'wrapper' },
  ...{ nonce: 'n', start: 5, wallTime: '2026-01-01T00:00:00.000Z' },
};
const end: EndCertificate = {
  ...{ layout: 1, ...expected, kind: 'released', by: pod, detail: 'x', nonce: 'n', wallTime: 'w' },
};

test('what is written is read back the same', () => {
  assert.equal(parseRecord(serialise(record), expected), { ok: true, value: record });
  assert.equal(parseRecord(serialise({ ...record, node: null }), expected).ok, true);
  assert.equal(parseEnd(serialise(end), expected), { ok: true, value: end });
});

test('fields of a later version are let be', () => {
  assert.ok(parseRecord(JSON.stringify({ ...record, zone: 'eu-1a' }), expected).ok);
});

// Mutants caught: a field dropped from recordShape or endShape; the comparison of id and generation left out.
const wrongFields: readonly (readonly [string, unknown])[] = [
  ['layout', 2],
  ['id', '2'],
  ['generation', -1],
  ['pod', { name: 'a', namespace: 'b' }],
  ['node', 7],
  ['bootId', null],
  ['mode', 'unknown'],
  ['nonce', 1],
  ['start', 1.5],
  ['wallTime', undefined],
];
for (const [field, value] of wrongFields) {
  test(`a record whose ${field} is ${JSON.stringify(value)} is not believed`, () => {
    const parsed = parseRecord(JSON.stringify({ ...record, [field]: value }), expected);
    assert.ok(!parsed.ok && parsed.why.includes(field), JSON.stringify(parsed));
  });
}
for (const field of ['layout', 'kind', 'by', 'detail', 'nonce', 'wallTime']) {
  test(`a certificate without ${field} is not believed`, () => {
    assert.not.ok(parseEnd(JSON.stringify({ ...end, [field]: undefined }), expected).ok);
  });
}

for (const [name, text, why] of [
  ['empty', '', /it is empty/],
  ['torn', serialise(record).slice(0, 60), /it is torn/],
  ['of another id', serialise({ ...record, id: 3 }), /speaks of id 3 generation 17/],
  ['of another generation', serialise({ ...record, generation: 16 }), /speaks of id 2 generation 16/],
  ['no object', 'null', /its document/],
  ['a list', '[]', /its layout/],
] as const) {
  test(`a record that is ${name} is not believed`, () => {
    const parsed = parseRecord(text, expected);
    assert.ok(!parsed.ok);
    assert.match(parsed.why, why);
  });
}

for (const [text, ok] of [
  ['{"layout":1,"uuid":"u"}', true],
  ['{"layout":2,"uuid":"u"}', false],
  ['{"layout":1,"uuid":""}', false],
  ['{"layout":1}', false],
  ['null', false],
  ['{', false],
] as const) {
  test(`the volume's identity ${text}`, () => assert.is(parseVolumeIdentity(text).ok, ok));
}

test.run();
