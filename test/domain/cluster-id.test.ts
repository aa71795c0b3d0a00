import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { canonicalClusterId, sameClusterId } from '../../src/domain/cluster-id.ts';

const test = suite('cluster id');

const table: readonly (readonly [string, string, boolean])[] = [
  ['5L6g3nShT-eMCtK--X86sw', '5L6g3nShT-eMCtK--X86sw', true],
  // The last character's four spare bits: Kafka stores …OT as …OQ.
  ['OTMwNzFhYTktOTMwNzFhOT', 'OTMwNzFhYTktOTMwNzFhOQ', true],
  ['OTMwNzFhYTktOTMwNzFhOT', 'OTMwNzFhYTktOTMwNzFhOw', false],
  ['OTMwNzFhYTktOTMwNzFhOT', 'OTMwNzFhYTktOTMwNzFhOT==', true],
  ['5L6g3nShT-eMCtK--X86sw', '5l6g3nShT-eMCtK--X86sw', false],
  ['my-old-cluster', 'my-old-cluster', true],
  ['my-old-cluster', 'my-old-clusteR', false],
];
for (const [one, other, same] of table) {
  test(`${one} is ${same ? '' : 'not '}${other}`, () => {
    assert.is(sameClusterId(one, other), same);
    assert.is(sameClusterId(other, one), same);
  });
}

test('two ids are the same if and only if their 16 bytes are', () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(bytes, fc.nat(15), (id, spare) => {
      const text = Buffer.from(id).toString('base64url');
      assert.is(canonicalClusterId(text), text);
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      const twin = text.slice(0, -1) + alphabet.charAt(alphabet.indexOf(text.slice(-1)) + spare);
      assert.equal(Buffer.from(twin, 'base64url'), Buffer.from(id));
      assert.ok(sameClusterId(text, twin));
    }),
  );
});

test.run();
