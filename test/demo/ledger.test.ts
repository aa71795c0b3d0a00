import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openLedger } from '../../demo/ledger.ts';

const test = suite('the books of the load');

test('what was acknowledged and never consumed is lost', () => {
  const ledger = openLedger(0);
  assert.equal([ledger.next(0), ledger.next(0), ledger.next(1)], [0, 1, 0]);
  ledger.acknowledged(0, [0, 1], 10);
  ledger.acknowledged(1, [0], 40);
  ledger.consumed(0, 0);
  assert.is(ledger.outstanding(), 2);
  assert.equal(ledger.counts(), {
    ...{ acknowledged: 3, consumed: 1, lost: 2, outOfOrder: 0, duplicates: 0, longestStallMs: 30 },
  });
});

test('consumed before its acknowledgement came is not lost', () => {
  const ledger = openLedger(0);
  ledger.consumed(0, 0);
  ledger.acknowledged(0, [0], 1);
  assert.is(ledger.outstanding(), 0);
});

test('what was never acknowledged is owed by nobody, consumed or not', () => {
  const ledger = openLedger(0);
  ledger.consumed(0, 5);
  assert.is(ledger.counts().lost, 0);
});

test('again is a duplicate; for the first time after a later one is out of order', () => {
  const ledger = openLedger(0);
  for (const number of [0, 1, 0, 1, 3, 2, 2]) ledger.consumed(0, number);
  ledger.consumed(1, 0);
  const { outOfOrder, duplicates, consumed } = ledger.counts();
  assert.equal({ outOfOrder, duplicates, consumed }, { outOfOrder: 1, duplicates: 3, consumed: 5 });
});

test.run();
