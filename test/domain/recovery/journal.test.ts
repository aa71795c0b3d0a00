/** What a command does with the journal that it finds, and what the journal remembers. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  journalText,
  nextOf,
  noteEarlier,
  openJournal,
  rateOf,
  readJournal,
  takenUp,
  withRate,
  type Phase,
  type Verb,
} from '../../../src/domain/recovery/journal.ts';
import { moveOf, planOf } from './cluster-of.ts';

const test = suite('the journal of a recovery');
const opening = {
  plan: planOf([moveOf(0)]),
  hash: 'h',
  startedAt: '2026-01-01',
  rate: undefined,
  live: [1001],
  caps: { partitions: 2, bytes: 5 },
};
const fresh = openJournal({ ...opening, rate: 100 });

type Row = readonly [Verb, Phase | 'none', same: boolean, kind: string, words?: RegExp];
const rows: readonly Row[] = [
  ['apply', 'none', true, 'begin'],
  ['apply', 'moving', true, 'go-on'],
  ['apply', 'moving', false, 'refused', /1003=1004 is not finished: `resume` or `abort` it first/],
  ['apply', 'done', true, 'nothing', /is done/],
  ['apply', 'done', false, 'begin'],
  ['apply', 'aborting', true, 'refused', /being called off/],
  ['apply', 'aborted', true, 'begin'],
  ['resume', 'none', false, 'refused', /no recovery in this journal/],
  ['resume', 'moving', false, 'go-on'],
  ['resume', 'done', false, 'nothing', /is done/],
  ['resume', 'aborting', false, 'refused', /`barnabas recover abort` ends that/],
  ['resume', 'aborted', false, 'refused', /plan a new one/],
  ['abort', 'none', false, 'refused', /no recovery in this journal/],
  ['abort', 'moving', false, 'go-on'],
  ['abort', 'done', false, 'refused', /ids turned round/],
  ['abort', 'aborting', false, 'go-on'],
  ['abort', 'aborted', false, 'nothing', /called off/],
];
for (const [verb, phase, same, kind, words] of rows) {
  test(`${verb} on ${phase}${same ? ', the same plan' : ''}: ${kind}`, () => {
    const next = nextOf(verb, phase === 'none' ? undefined : { ...fresh, phase }, same);
    assert.is(next.kind, kind);
    if (words) assert.match('why' in next ? next.why : '', words);
  });
}

test('it is read as it was written', () => {
  const journal = noteEarlier(fresh, { 'broker 1': { leader: null, follower: '5' } });
  assert.equal(readJournal(journalText(journal)), journal);
});

test('what is no journal is told', () => {
  const damaged = [{ format: 2 }, { phase: 'x' }, { plan: {} }, { plan: null }, { livingOlds: undefined }];
  const texts = damaged.map((change) => JSON.stringify({ ...fresh, ...change }));
  for (const text of ['', '{', '{}', 'null', '[]', '3', ...texts]) assert.ok('problem' in readJournal(text), text);
});

test('the first values seen of a resource stay, and every rate is remembered', () => {
  const once = noteEarlier(fresh, { 'broker 1': { leader: '7', follower: null } });
  const twice = noteEarlier(once, {
    'broker 1': { leader: '100', follower: null },
    'broker 2': { leader: null, follower: null },
  });
  assert.is(twice.throttle?.earlier['broker 1']?.leader, '7');
  assert.ok('broker 2' in (twice.throttle?.earlier ?? {}));
  const faster = withRate(withRate(twice, 100), 300);
  assert.equal(faster.throttle?.rates, [100, 300]);
  assert.is(rateOf(faster), 300);
});

test('taken up it counts its runs, and keeps its caps but for those that are given', () => {
  const { runs, caps } = takenUp(fresh, { bytes: 9 });
  assert.equal([runs, caps], [2, { partitions: 2, bytes: 9 }]);
});

test('without a throttle nothing is remembered of one, until one is set', () => {
  const plain = openJournal(opening);
  assert.is(noteEarlier(plain, { 'broker 1': { leader: null, follower: null } }), plain);
  assert.is(rateOf(plain), undefined);
  assert.is(rateOf(withRate(plain, 5)), 5);
});

test.run();
