/** Batches: never more than the caps, and all goes in the end. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nextBatch } from '../../../src/domain/recovery/batch.ts';

const test = suite('batches');
const sized = (...bytes: (number | null)[]) => bytes.map((each) => ({ bytes: each }));

for (const [name, waiting, flying, caps, count] of [
  ['all that fit', [10, 10, 10], [], { partitions: 5, bytes: 100 }, 3],
  ['no more than so many', [1, 1, 1], [], { partitions: 2, bytes: 100 }, 2],
  ['no more than so large', [40, 40, 40], [], { partitions: 5, bytes: 100 }, 2],
  ['what flies counts', [40, 40], [50], { partitions: 5, bytes: 100 }, 1],
  ['what flies is counted', [1, 1], [1, 1], { partitions: 3, bytes: 100 }, 1],
  ['too large for the cap, alone', [500, 1], [], { partitions: 5, bytes: 100 }, 1],
  ['too large for the cap, later', [500, 1], [1], { partitions: 5, bytes: 100 }, 0],
  ['sizes that nobody knows', [null, null, null], [], { partitions: 2, bytes: 1 }, 2],
  ['nothing', [], [], { partitions: 2, bytes: 1 }, 0],
] as const) {
  test(name, () => assert.is(nextBatch(sized(...waiting), sized(...flying), caps).length, count));
}

test('property: whatever lands in whatever order, no cap is exceeded, and everything goes, in order', () => {
  const size = fc.option(fc.nat(300), { nil: null });
  const anyCaps = fc.record({ partitions: fc.integer({ min: 1, max: 9 }), bytes: fc.integer({ min: 1, max: 500 }) });
  fc.assert(
    fc.property(fc.array(size), anyCaps, fc.infiniteStream(fc.nat()), (sizes, caps, dice) => {
      let waiting = sizes.map((each, index) => ({ index, bytes: each }));
      let flying: typeof waiting = [];
      const gone: number[] = [];
      while (waiting.length + flying.length > 0) {
        const batch = nextBatch(waiting, flying, caps);
        flying = [...flying, ...batch];
        waiting = waiting.filter((each) => !batch.includes(each));
        gone.push(...batch.map(({ index }) => index));
        assert.ok(flying.length > 0, 'it stands still');
        assert.ok(flying.length <= caps.partitions);
        const total = flying.reduce((sum, each) => sum + (each.bytes ?? 0), 0);
        assert.ok(total <= caps.bytes || flying.length === 1, `${total} of ${caps.bytes}`);
        const landing = dice.next().value % flying.length;
        flying = flying.filter((_, index) => index !== landing);
      }
      assert.equal(
        gone,
        sizes.map((_, index) => index),
      );
    }),
  );
});

test.run();
