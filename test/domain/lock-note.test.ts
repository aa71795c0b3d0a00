import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lockNoteLength, parseLockNote, serialiseLockNote, type LockNote } from '../../src/domain/lock-note.ts';

const test = suite('the note in a lock file');
const note: LockNote = {
  ...{ generation: Number.MAX_SAFE_INTEGER, state: 'stopping', beat: Number.MAX_SAFE_INTEGER },
  registration: {
    ...{ sessionId: '0xffffffffffffffff', czxid: '0xffffffffffffffff', version: 2147483647 },
    contentHash: 'f'.repeat(64),
  },
};

test('the longest there is has the one length, and is read back the same', () => {
  const text = serialiseLockNote(note);
  assert.is(Buffer.byteLength(text), lockNoteLength);
  assert.equal(parseLockNote(text), note);
});

test('the shortest has that length too, so that writing it in place leaves nothing of another', () => {
  const short = { generation: 1, state: 'claimed', beat: 0, registration: null } as const;
  assert.is(serialiseLockNote(short).length, lockNoteLength);
  assert.equal(parseLockNote(serialiseLockNote(short)), short);
});

for (const [name, text] of [
  ['empty', ''],
  ['torn', serialiseLockNote(note).slice(0, 100)],
  ['half overwritten', `{"generation":2,${serialiseLockNote(note).slice(16)}`.replace('}', ' ')],
  ['alien', 'x'.repeat(lockNoteLength)],
  ['null', 'null'.padEnd(lockNoteLength)],
  ['without a state', JSON.stringify({ generation: 1, registration: null }).padEnd(lockNoteLength)],
] as const) {
  test(`${name}: nothing is known`, () => assert.is(parseLockNote(text), undefined));
}

test.run();
