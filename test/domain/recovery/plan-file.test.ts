/** A plan as a file: what goes in comes out, and no change goes unnoticed. */
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canonical, fileOf, readPlan } from '../../../src/domain/recovery/plan-file.ts';
import { planRecovery } from '../../../src/domain/recovery/plan.ts';
import { anyPartitions, moveOf, planOf, viewOf } from './cluster-of.ts';

const test = suite("the plan's file");
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const plan = planOf([moveOf(0), moveOf(1, { before: [1001, 1003], after: [1001, 1004], bytes: null })]);
const file = (): Record<string, unknown> => JSON.parse(JSON.stringify(fileOf(plan, digest))) as Record<string, unknown>;

test('it has what kafka-reassign-partitions takes: the moves at its top, and the way back below `barnabas`', () => {
  const { version, partitions, barnabas } = fileOf(plan, digest);
  assert.is(version, 1);
  assert.equal(partitions[0], { topic: 'orders', partition: 0, replicas: [1004, 1001, 1002] });
  assert.equal(barnabas.before.version, 1);
  assert.equal(barnabas.before.partitions[0], { topic: 'orders', partition: 0, replicas: [1003, 1001, 1002] });
});

test('property: what was written is what is read, however it was laid out', () => {
  const live = [1, 2, 4, 6];
  const sight = (partitions: Parameters<typeof viewOf>[0]) => ({
    view: viewOf(partitions, live),
    flights: [],
    sizes: new Map(),
  });
  fc.assert(
    fc.property(anyPartitions(live), fc.nat(4), (partitions, indent) => {
      const made = planRecovery([{ old: 3, new: 6 }], sight(partitions));
      const read = readPlan(JSON.stringify(fileOf(made, digest), null, indent), digest);
      assert.ok(read.ok);
      assert.equal(read.plan, made);
    }),
  );
});

test('property: the canonical text does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      assert.is(canonical(turned), canonical(value));
      assert.equal(JSON.parse(canonical(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

type Json = Record<string, unknown>;
type Change = (file: Json) => void;
const barnabas = (each: Json): Record<string, unknown> => each['barnabas'] as Json;
const moves = (each: Json): Record<string, unknown>[] => each['partitions'] as Record<string, unknown>[];
const damage: readonly (readonly [string, Change | string, RegExp])[] = [
  ['no JSON', '{', /it is no JSON/],
  ["kafka-reassign-partitions' own", '{"version":1,"partitions":[]}', /no plan of `barnabas recover`/],
  ['null', 'null', /no plan of/],
  ['a replica changed', (each) => void (moves(each)[0] = { ...moves(each)[0], replicas: [1001, 1004, 1002] }), /changed since it was made; orders-0: more than 1004 for 1003 is changed in it/],
  ['a move dropped', (each) => void moves(each).pop(), /changed since/],
  ['a replica twice', (each) => void (moves(each)[0] = { ...moves(each)[0], replicas: [1001, 1001, 1002] }), /orders-0: a broker is among its replicas twice/],
  ['a move twice', (each) => void moves(each).push(moves(each)[0] ?? {}), /orders-0 stands in it twice.*how it was before is missing/],
  ['another cluster', (each) => void (barnabas(each)['clusterId'] = 'x'), /changed since/],
  ['a topic id lost', (each) => void (barnabas(each)['topicIds'] = {}), /its topic's id is missing/],
  ['another key', (each) => void Object.assign(each, { more: 1 }), /changed since/],
  ['a later format', (each) => void (barnabas(each)['format'] = 2), /of format 2, not 1/],
  ['nothing below barnabas', (each) => void (each['barnabas'] = null), /no plan of/],
  ['no topic ids', (each) => void (barnabas(each)['topicIds'] = null), /parts of it are missing/],
  ['a replacement that is none', (each) => void (barnabas(each)['replace'] = [null]), /an entry in it is none/],
  ['a part missing', (each) => Reflect.deleteProperty(barnabas(each), 'bytes'), /parts of it are missing/],
  ['an assignment that is none', (each) => void (moves(each)[0] = { topic: 'orders' }), /an assignment in it is none/],
]; // prettier-ignore
for (const [name, change, words] of damage) {
  test(`found offline: ${name}`, () => {
    let text = change;
    if (typeof text !== 'string') {
      const changed = file();
      (change as Change)(changed);
      text = JSON.stringify(changed);
    }
    const read = readPlan(text, digest);
    assert.not.ok(read.ok);
    if (!read.ok) assert.match(read.faults.join('; '), words);
  });
}

test.run();
