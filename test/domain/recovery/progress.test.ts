/** Bytes, rate, time left, and standing still. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  describePace,
  followCourse,
  fractionOf,
  paceOf,
  progressOf,
  type Course,
  type Progress,
} from '../../../src/domain/recovery/progress.ts';
import { truthOf } from '../../../src/domain/recovery/truth.ts';
import { bytesInWords, durationInWords, someOf } from '../../../src/domain/recovery/words.ts';
import { moveOf, partitionOf, viewOf } from './cluster-of.ts';

const test = suite('the progress of a recovery');

const at = (atMs: number, bytes: number, done = 0): Progress => ({
  atMs,
  done,
  moves: 4,
  bytes: { bytes, of: 10_000 },
});
const course = (...samples: Progress[]): Course | undefined =>
  samples.reduce<Course | undefined>((before, sample) => followCourse(before, sample), undefined);
const pace = (...samples: Progress[]) => {
  const found = course(...samples);
  return found && paceOf(found);
};

test('what is copied is what NEW has, and no more than the leader has', () => {
  const truth = truthOf(viewOf([partitionOf(0), partitionOf(1)]), []);
  const sizes = new Map([
    [1001, new Map([['orders-0', 1200], ['orders-1', 500]])],
    [1004, new Map([['orders-0', 300], ['orders-1', 700]])],
  ]); // prettier-ignore
  const lists = { done: [moveOf(3)], flying: [moveOf(0), moveOf(1)], waiting: [moveOf(2)] };
  const found = progressOf(lists, truth, sizes);
  assert.equal(found, { done: 1, moves: 4, bytes: { bytes: 1000 + 300 + 500, of: 1000 + 1200 + 500 + 1000 } });
  assert.is(fractionOf({ ...found, atMs: 0 }).toFixed(3), '0.486');
});

test('where brokers tell no sizes, partitions are counted', () => {
  const truth = truthOf(viewOf([partitionOf(0)]), []);
  const unknown = moveOf(0, { bytes: null });
  const found = progressOf({ done: [], flying: [unknown], waiting: [] }, truth, new Map());
  assert.is(found.bytes, null);
  assert.is(
    describePace({ now: { ...found, atMs: 0 }, rate: null, secondsLeft: null, stillMs: 0 }),
    '0 of 1 partitions',
  );
  assert.is(fractionOf({ done: 1, moves: 4, bytes: null, atMs: 0 }), 0.25);
});

test('the rate is of the last half minute, and tells the time left', () => {
  const found = pace(at(0, 0), at(1000, 100), at(40_000, 1000), at(50_000, 2000));
  assert.is(found?.rate, 100);
  assert.is(found?.secondsLeft, 80);
  assert.is(found && describePace(found), '0 of 4 partitions, 2.0 kB of 10.0 kB, 100 B/s, 1 min 20 s left');
});

test('at the first look there is no rate yet', () => assert.is(pace(at(0, 0))?.rate, null));

test('it stands still for as long as neither bytes nor partitions move', () => {
  assert.is(pace(at(0, 5), at(1000, 6), at(9000, 6))?.stillMs, 8000);
  assert.is(pace(at(0, 5), at(9000, 5, 1))?.stillMs, 0);
  assert.is(pace(at(0, 5), at(60_000, 5), at(120_000, 5))?.stillMs, 120_000);
});

for (const [bytes, words] of [
  [null, 'unknown'],
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [999_600, '1.0 MB'],
  [123_456_789, '123 MB'],
  [5e18, '5000 PB'],
] as const) {
  test(`${String(bytes)} bytes: ${words}`, () => assert.is(bytesInWords(bytes), words));
}

for (const [seconds, words] of [
  [0, '0 s'],
  [0.2, '1 s'],
  [59.5, '1 min 0 s'],
  [3661, '1 h 1 min'],
] as const) {
  test(`${seconds} seconds: ${words}`, () => assert.is(durationInWords(seconds), words));
}

test('of many a few are named', () => {
  const names = [0, 1, 2].map((partition) => ({ topic: 'orders', partition }));
  assert.is(someOf(names, 2), 'orders-0, orders-1 and 1 more');
  assert.is(someOf(names), 'orders-0, orders-1, orders-2');
});

test.run();
