/** How far a recovery is, and what to do next in either direction, by the truth alone. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PartitionView, Reassignment } from '../../../src/domain/kafka-view.ts';
import { adviceOn } from '../../../src/domain/recovery/advice.ts';
import { lookBackward, reversed } from '../../../src/domain/recovery/backward.ts';
import { lookForward } from '../../../src/domain/recovery/forward.ts';
import { standOf, truthOf } from '../../../src/domain/recovery/truth.ts';
import { flightOf, moveOf, partitionOf, planOf, viewOf } from './cluster-of.ts';

const test = suite('how far a recovery is');
const swap = { adding: [1004], removing: [1003] };
const back = { adding: [1003], removing: [1004] };
const oldLives = [1001, 1002, 1003, 1004];

type Row = readonly [
  name: string,
  now: Partial<PartitionView> | undefined,
  flight: Reassignment | undefined,
  stand: string,
  forward: string,
  backward: string,
];
const rows: readonly Row[] = [
  ['not begun', {}, undefined, 'before', 'waiting', 'original'],
  ['in another order', { replicas: [1001, 1002, 1003] }, undefined, 'reordered', 'waiting', 'reorder'],
  ['begun', { replicas: [1004, 1001, 1002, 1003] }, flightOf(0, [1004, 1001, 1002, 1003], swap), 'going', 'flying', 'cancel'],
  ['begun, as old metadata tell', {}, flightOf(0, [1004, 1001, 1002, 1003], swap), 'going', 'flying', 'cancel'],
  ['just ending', { replicas: [1004, 1001, 1002, 1003] }, undefined, 'going', 'flying', 'flying'],
  ['done', { replicas: [1004, 1001, 1002] }, undefined, 'after', 'done', 'kept'],
  ['on its way back', { replicas: [1003, 1001, 1002, 1004] }, flightOf(0, [1003, 1001, 1002, 1004], back), 'coming', 'left', 'flying'],
  ['back in a moment', { replicas: [1003, 1001, 1002, 1004] }, undefined, 'coming', 'left', 'flying'],
  ['moved by somebody', { replicas: [1001, 1002, 1003] }, flightOf(0, [1001, 1002, 1003], { adding: [], removing: [1003] }), 'others', 'left', 'left'],
  ['changed by somebody', { replicas: [1001, 1002] }, undefined, 'changed', 'left', 'left'],
  ['deleted', undefined, undefined, 'gone', 'left', 'left'],
  ['made anew', { topicId: 'another' }, undefined, 'gone', 'left', 'left'],
  ['without a leader', { leader: -1, isr: [1001] }, undefined, 'before', 'left', 'original'],
  ['only NEW in sync', { replicas: [1004, 1001, 1002, 1003], isr: [1004] }, flightOf(0, [1004, 1001, 1002, 1003], swap), 'going', 'flying', 'left'],
]; // prettier-ignore

const listOf = (lists: object): string =>
  Object.entries(lists)
    .filter(([, list]) => (list as unknown[]).length > 0)
    .map(([name]) => name)
    .join();

for (const [name, now, flight, stand, forward, backward] of rows) {
  test(`${name}: ${stand}; to finish: ${forward}; to go back: ${backward}`, () => {
    const truth = truthOf(viewOf(now ? [partitionOf(0, now)] : []), flight ? [flight] : []);
    const plan = planOf([moveOf(0)]);
    assert.is(standOf(moveOf(0), truth, plan.topicIds).kind, stand);
    assert.is(listOf(lookForward(plan, truth)), forward);
    assert.is(listOf(lookBackward(plan, truth)), backward);
  });
}

test('a finished move goes back only if OLD is in the cluster', () => {
  const done = partitionOf(0, { replicas: [1004, 1001, 1002], isr: [1004, 1001, 1002] });
  const lists = lookBackward(planOf([moveOf(0)]), truthOf(viewOf([done], oldLives), []));
  assert.is(listOf(lists), 'moveBack');
  assert.equal(reversed(moveOf(0)).after, [1003, 1001, 1002]);
});

test('a plan from before topics had ids believes the name', () => {
  const plan = planOf([moveOf(0)], { topicIds: { orders: null } });
  assert.is(standOf(moveOf(0), truthOf(viewOf([partitionOf(0)]), []), plan.topicIds).kind, 'before');
});

/** Kafka's controller, as far as recoveries know it. */
class Controller {
  now: PartitionView;
  flight: Reassignment | undefined;
  private readonly live: readonly number[];
  constructor(now: PartitionView, live: readonly number[]) {
    this.now = now;
    this.live = live;
  }
  alter(target: readonly number[]): void {
    const origin = this.now.replicas.filter((id) => !this.flight?.adding.includes(id));
    const replicas = [...new Set([...target, ...origin])];
    const adding = target.filter((id) => !origin.includes(id));
    const removing = origin.filter((id) => !target.includes(id));
    assert.ok(adding.every((id) => this.live.includes(id)), 'a dead broker can not be added'); // prettier-ignore
    this.now = { ...this.now, replicas };
    this.flight = { topic: 'orders', partition: 0, replicas, adding, removing };
    if (adding.length === 0 && removing.length === 0) this.flight = undefined;
  }
  cancel(): void {
    const adding = this.flight?.adding ?? [];
    const rest = (ids: readonly number[]): number[] => ids.filter((id) => !adding.includes(id));
    this.now = { ...this.now, replicas: rest(this.now.replicas), isr: rest(this.now.isr) };
    this.flight = undefined;
  }
  land(): void {
    const { flight } = this;
    if (!flight) return;
    const rest = flight.replicas.filter((id) => !flight.removing.includes(id));
    this.now = { ...this.now, replicas: rest, isr: rest.filter((id) => this.live.includes(id)) };
    this.flight = undefined;
  }
  truth() {
    return truthOf(viewOf([this.now], this.live), this.flight ? [this.flight] : []);
  }
}

const steps = fc.array(fc.constantFrom('forward', 'land', 'backward'), { maxLength: 12 });

test('property: whenever it is stopped, finishing ends as planned, and going back as it was where OLD lives', () => {
  fc.assert(
    fc.property(steps, fc.boolean(), fc.constantFrom('finish', 'go back'), (course, lives, end) => {
      const live = lives ? oldLives : [1001, 1002, 1004];
      const kafka = new Controller(partitionOf(0), live);
      const plan = planOf([moveOf(0)]);
      const forward = (): void => {
        for (const move of lookForward(plan, kafka.truth()).waiting) kafka.alter(move.after);
      };
      const backward = (): void => {
        const { cancel, reorder, moveBack } = lookBackward(plan, kafka.truth());
        cancel.forEach(() => kafka.cancel());
        for (const move of [...reorder, ...moveBack]) kafka.alter(move.before);
      };
      const take = { forward, backward, land: () => kafka.land() };
      for (const step of course) take[step]();
      const wasDone = lookForward(plan, kafka.truth()).done.length > 0;
      for (let round = 0; round < 4; round += 1) {
        take[end === 'finish' ? 'forward' : 'backward']();
        kafka.land();
      }
      const finished = end === 'finish' || (wasDone && !lives);
      assert.equal(kafka.now.replicas, finished ? [1004, 1001, 1002] : [1003, 1001, 1002]);
      assert.is(kafka.flight, undefined);
    }),
    { numRuns: 500 },
  );
});

for (const [name, brokers, leader, rate, words] of [
  ['NEW is gone', [1001, 1002], 1001, 10, /broker 1004 is not in the cluster: start it/],
  [
    'another is away',
    [1001, 1004],
    1001,
    10,
    /broker 1002 is not in the cluster, and beside ZooKeeper a move ends only/,
  ],
  ['no leader', [1001, 1002, 1004], -1, 10, /orders-0 has no leader to copy from/],
  ['throttled', [1001, 1002, 1004], 1001, 5_000_000, /resume --throttle` with more than 5\.0 MB\/s/],
  ['not throttled', [1001, 1002, 1004], 1001, undefined, /the log of broker 1004: a full disk/],
] as const) {
  test(`advice: ${name}`, () => {
    const truth = truthOf(viewOf([partitionOf(0, { leader })], brokers), []);
    assert.match(adviceOn({ flying: [moveOf(0)], truth, rate }), words);
  });
}

test.run();
