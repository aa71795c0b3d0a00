import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { describeCluster, orderCandidates, unusedIds, type Cluster } from '../../src/domain/candidates.ts';
import { summarise } from '../../src/domain/decisions.ts';
import type { ClaimRecord } from '../../src/domain/record.ts';
import type { MaybeUnread } from '../../src/domain/protocol/survey.ts';

const test = suite('candidates');

type Kind = 'bare' | 'open' | 'ended' | 'own' | 'own-ended' | 'unread' | 'unreadable' | 'ended-no-dir' | 'open-no-dir';

function viewOf(id: number, kind: Kind): MaybeUnread {
  const logDirs = kind.endsWith('no-dir') ? [] : [`kafka-logs-${id}`];
  if (kind === 'bare') return { id, logDirs, top: { kind: 'none' } };
  if (kind === 'unread') return { id, logDirs, top: { kind: 'unread' } };
  if (kind === 'unreadable')
    return { id, logDirs, top: { kind: 'unreadable', generation: 1, ended: false, why: 'torn' } };
  const uid = kind.startsWith('own') ? 'me' : 'another';
  const record: ClaimRecord = {
    ...{
      layout: 1,
      id,
      generation: 1,
      pod: { name: 'x', namespace: '', uid },
      node: null,
      bootId: 'b',
      mode: 'wrapper',
    },
    ...{ nonce: 'n', start: 1, wallTime: 'w' },
  };
  return { id, logDirs, top: { kind: 'record', record, ended: kind.includes('ended') } };
}

const surveyOf = (kinds: Readonly<Record<number, Kind>>) => ({
  identity: undefined,
  ids: Object.entries(kinds).map(([id, kind]) => viewOf(Number(id), kind)),
});

interface Row {
  readonly name: string;
  readonly kinds: Readonly<Record<number, Kind>>;
  readonly cluster?: Cluster;
  readonly existing: readonly number[];
  readonly beyond?: readonly number[];
  readonly unused: readonly number[];
}

const three: Cluster = { firstId: 0, brokers: 3 };

// Mutants caught: isInCluster without the upper bound; exists() that ignores open claims; rank() without own first.
const table: readonly Row[] = [
  { name: 'nothing there', kinds: {}, existing: [], unused: [0, 1, 2] },
  { name: 'the lowest with data first', kinds: { 0: 'open', 1: 'bare', 2: 'ended' }, existing: [0, 1, 2], unused: [] },
  { name: "one's own before all", kinds: { 0: 'bare', 1: 'open', 2: 'own' }, existing: [2, 0, 1], unused: [] },
  {
    name: "one's own open claim before one's ended one",
    kinds: { 0: 'own-ended', 1: 'bare', 2: 'own' },
    existing: [2, 0, 1],
    unused: [],
  },
  { name: 'held ones last', kinds: { 0: 'unread', 1: 'unread', 2: 'ended' }, existing: [2, 0, 1], unused: [] },
  {
    name: 'an open claim makes an id exist before its log dir does',
    kinds: { 0: 'open-no-dir' },
    existing: [0],
    unused: [1, 2],
  },
  {
    name: 'an ended claim without a log dir is an unused id',
    kinds: { 0: 'ended-no-dir' },
    existing: [],
    unused: [0, 1, 2],
  },
  { name: 'what can not be read exists', kinds: { 1: 'unreadable' }, existing: [1], unused: [0, 2] },
  { name: 'beyond the cap', kinds: { 1: 'bare', 3: 'bare', 7: 'open' }, existing: [1], beyond: [3, 7], unused: [0, 2] },
  {
    name: 'below the first id',
    kinds: { 0: 'bare', 6: 'bare' },
    cluster: { firstId: 5, brokers: 2 },
    existing: [6],
    beyond: [0],
    unused: [5],
  },
];
for (const { name, kinds, cluster = three, existing, beyond = [], unused } of table) {
  test(name, () => {
    const survey = surveyOf(kinds);
    const found = orderCandidates(survey, cluster, 'me');
    assert.equal(
      found.existing.map(({ id }) => id),
      existing,
    );
    assert.equal(
      found.beyondCap.map(({ id }) => id),
      beyond,
    );
    assert.equal(
      [...unusedIds(survey, cluster)].map(({ id }) => id),
      unused,
    );
  });
}

test('without a cap there is always one more', () => {
  const survey = surveyOf({ 0: 'open', 2: 'open' });
  const ids = unusedIds(survey, { firstId: 0, brokers: undefined });
  assert.equal(
    [ids.next(), ids.next(), ids.next()].map(({ value }) => (value as MaybeUnread).id),
    [1, 3, 4],
  );
});

test('ranges and sums in words', () => {
  assert.is(describeCluster(three), '0 to 2');
  assert.is(describeCluster({ firstId: 1, brokers: undefined }), '1 and above');
  const held = (id: number, why: string) => ({ id, logDir: null, verdict: 'held' as const, why });
  assert.is(summarise([held(0, 'held by a'), held(1, 'x'), held(2, 'x')]), 'id 0 held by a; ids 1, 2 held: x');
});

test.run();
