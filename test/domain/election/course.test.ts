/** The course of an election, look by look. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newCourse, nextStep, noteAnswers, observe, type Answer } from '../../../src/domain/election/course.ts';
import { isInSync, takeStock } from '../../../src/domain/election/standing.ts';
import type { PartitionView } from '../../../src/domain/kafka-view.ts';
import { partition, view } from './view-of.ts';

const test = suite('the course of an election');

const started = 1_000_000;
const rules = { perBroker: 10, inSyncForMs: 10_000, untilMs: started + 60_000 };
const behind = { isr: [1, 2] };
const problem = (code: number, name: string) => ({ code, name, message: null });

/** Plays looks and answers; every answer is to the wave that the step before has asked for. */
function play(differences: Partial<typeof rules> = {}) {
  const when = { rules: { ...rules, ...differences }, nowMs: started };
  let course = newCourse;
  let wave: readonly PartitionView[] = [];
  return {
    /** What is to be done, in words. */
    look(atMs: number, partitions: readonly PartitionView[], brokers?: readonly number[]): string {
      when.nowMs = started + atMs;
      const stock = takeStock(view(partitions, brokers), () => true);
      course = observe(course, stock, when);
      const step = nextStep(course, stock, when);
      const names = (list: readonly { partition: number; why?: string }[]): string =>
        list.map((one) => `${one.partition}${one.why === undefined ? '' : ` ${one.why}`}`).join(', ');
      if (step.kind === 'wait') return `wait ${step.forMs}${step.why === undefined ? '' : `: ${step.why}`}`;
      if (step.kind === 'end') return `end; waiting: ${names(step.waiting)}; cannot: ${names(step.cannot)}`;
      wave = step.wave;
      return `elect ${names(wave)}`;
    },
    answer(code: number | null | 'asked', name = 'X'): void {
      const answers: Answer[] | 'asked' =
        code === 'asked' ? code : wave.map((one) => ({ ...one, problem: code === null ? null : problem(code, name) }));
      course = noteAnswers(course, wave, { answers, nowMs: when.nowMs });
    },
  };
}

const over = 'end; waiting: ; cannot: ';
const led = (number: number): PartitionView => partition(number, { leader: 0 });

test('nothing to do', () => assert.is(play().look(0, [led(0)]), over));

test('those in sync are elected at once, and it ends when they lead', () => {
  const game = play();
  assert.is(game.look(0, [partition(0), led(1), partition(2)]), 'elect 0, 2');
  game.answer(null);
  assert.is(game.look(10, [partition(0), led(1), led(2)]), 'wait 100');
  assert.is(game.look(110, [led(0), led(1), led(2)]), over);
});

test('no broker gets more than its share at a time', () => {
  const game = play({ perBroker: 2 });
  const ofOne = { replicas: [1, 0, 2], leader: 2 };
  const all = [partition(0), partition(1), partition(2), partition(3, ofOne), partition(4)];
  assert.is(game.look(0, all), 'elect 0, 1, 3');
  game.answer(null);
  assert.is(game.look(1, [led(0), partition(1), partition(2), all[3] ?? led(3), partition(4)]), 'elect 2');
  game.answer(null);
  assert.is(game.look(2, [led(0), led(1), led(2), partition(3, { ...ofOne, leader: 1 }), partition(4)]), 'elect 4');
});

test('a replica that was seen out of sync has to stay in sync for a while', () => {
  const game = play();
  assert.is(game.look(0, [partition(0), partition(1, behind)]), 'elect 0');
  game.answer(null);
  const waits = 'wait 1000: orders-1: the replica on broker 0 is not in sync';
  assert.is(game.look(1000, [led(0), partition(1, behind)]), waits);
  const fresh = 'wait 1000: orders-1: the replica on broker 0 has just come in sync';
  assert.is(game.look(2000, [led(0), partition(1)]), fresh);
  assert.is(game.look(6000, [led(0), partition(1, behind)]), waits);
  assert.is(game.look(7000, [led(0), partition(1)]), fresh);
  assert.is(game.look(15_999, [led(0), partition(1)]), fresh);
  assert.is(game.look(16_000, [led(0), partition(1)]), 'elect 1');
});

test('what cannot be is told, and not waited for', () => {
  const down = partition(1, { replicas: [2, 0, 1], isr: [0, 1] });
  assert.is(
    play().look(0, [led(0), down, partition(2, { leader: -1, isr: [2] })], [0, 1]),
    'end; waiting: ; cannot: 1 broker 2 is down, 2 no leader: broker 2 has its last messages and is down',
  );
});

test('a broker that returns while others are waited for is elected too', () => {
  const game = play();
  const down = partition(1, { replicas: [2, 0, 1], isr: [0, 1] });
  assert.match(game.look(0, [partition(0, behind), down], [0, 1]), /^wait 1000: orders-0: /);
  assert.match(game.look(1000, [partition(0, behind), { ...down, isr: [0, 1, 2] }]), /^wait 1000: orders-0 and 1 more/);
  assert.is(game.look(10_000, [partition(0, behind), { ...down, isr: [0, 1, 2] }]), 'elect 1');
});

test('at the deadline it ends with those that are waited for, and asks for those in sync even so', () => {
  const game = play({ untilMs: started });
  assert.is(game.look(0, [partition(0), partition(1, behind)]), 'elect 0');
  game.answer(null);
  assert.is(game.look(10, [partition(0), partition(1, behind)]), 'wait 100');
  const end = 'end; waiting: 1 the replica on broker 0 is not in sync; cannot: ';
  assert.is(game.look(20, [led(0), partition(1, behind)]), end);
});

test('it pauses while under-replicated partitions grow, and goes on when they shrink', () => {
  const game = play({ perBroker: 1 });
  const sick = (number: number): PartitionView => partition(number, { leader: 0, isr: [0] });
  assert.is(game.look(0, [partition(0), partition(1), sick(9)]), 'elect 0');
  game.answer(null);
  const paused = 'wait 1000: paused: under-replicated partitions grew from 1 to 3';
  assert.is(game.look(1000, [led(0), partition(1), sick(7), sick(8), sick(9)]), paused);
  assert.is(game.look(2000, [led(0), partition(1), led(7), led(8), sick(9)]), 'elect 1');
});

test('it goes on too when they have not grown for a while; at the deadline it tells why it did not', () => {
  const sick = (number: number): PartitionView => partition(number, { leader: 0, isr: [0] });
  const game = play();
  assert.is(game.look(0, [partition(1, behind)]).slice(0, 4), 'wait');
  for (const ms of [10_000, 15_000, 19_999])
    assert.match(game.look(ms, [partition(1), sick(8), sick(9)]), /^wait 1000: paused/);
  assert.is(game.look(20_000, [partition(1), sick(8), sick(9)]), 'elect 1');
  const late = play({ untilMs: started + 10_000 });
  late.look(0, [partition(1, behind)]);
  assert.is(
    late.look(10_000, [partition(1), sick(8), sick(9)]),
    'end; waiting: 1 under-replicated partitions grew from 1 to 2; cannot: ',
  );
});

test('not needed is done; what may be retried is asked for again; what may not is told', () => {
  const game = play();
  assert.is(game.look(0, [partition(0)]), 'elect 0');
  game.answer(41, 'NOT_CONTROLLER');
  assert.is(game.look(100, [partition(0)]), 'wait 100');
  assert.is(game.look(1000, [partition(0)]), 'elect 0');
  game.answer(84, 'ELECTION_NOT_NEEDED');
  assert.is(game.look(1100, [partition(0)]), 'wait 100');
  assert.is(game.look(1200, [led(0)]), over);
  const refused = play();
  refused.look(0, [partition(0)]);
  refused.answer(31, 'CLUSTER_AUTHORIZATION_FAILED');
  assert.is(refused.look(5000, [partition(0)]), 'end; waiting: ; cannot: 0 CLUSTER_AUTHORIZATION_FAILED');
});

test('what is retried at the deadline is left, with the last answer', () => {
  const game = play({ untilMs: started + 500 });
  game.look(0, [partition(0)]);
  game.answer(7, 'REQUEST_TIMED_OUT');
  assert.is(game.look(1000, [partition(0)]), 'end; waiting: 0 REQUEST_TIMED_OUT; cannot: ');
});

test('asked by a znode, it is on its way until a look shows it, and asked again after a while', () => {
  const game = play();
  assert.is(game.look(0, [partition(0)]), 'elect 0');
  game.answer('asked');
  assert.is(game.look(29_999, [partition(0)]), 'wait 100');
  assert.is(game.look(30_000, [partition(0)]), 'elect 0');
  game.answer('asked');
  assert.is(game.look(30_100, [led(0)]), over);
});

test('whom somebody else takes the lead from again and again is let be', () => {
  const game = play();
  for (const ms of [0, 5000, 10_000]) {
    assert.is(game.look(ms, [partition(0)]), 'elect 0');
    game.answer(null);
  }
  const end = 'end; waiting: ; cannot: 0 was elected 3 times, and is led by broker 1 all the same';
  assert.is(game.look(15_000, [partition(0)]), end);
});

test('one wave is never too large for a controller', () => {
  const many = Array.from({ length: 6000 }, (_, number) => partition(number));
  assert.is(play({ perBroker: 1_000_000 }).look(0, many).split(',').length, 5000);
});

for (const [name, differences, brokers, is] of [
  ['all in sync', {}, [0, 1, 2], true],
  ['one is not', { isr: [1, 2] }, [0, 1, 2], false],
  ['another one is not', { isr: [0, 1] }, [0, 1, 2], true],
  ['nobody leads it', { isr: [1], leader: -1 }, [0, 1, 2], true],
  ['it is not there', {}, [1, 2], false],
] as const) {
  test(`whether broker 0 is in sync: ${name}`, () => {
    assert.is(isInSync(view([partition(0), partition(1, differences)], brokers), 0), is);
  });
}

test.run();
