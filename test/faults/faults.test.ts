/** Some faults at some calls of the real claim, others each time; `npm run test:soak` tries all of them at all calls. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { randomOf } from '../soak/random.ts';
import { faults, findCalls, fits, tryFault } from './matrix.ts';

const test = suite('faults in system calls');

test('the claim makes the calls that matter, and strace sees them', async () => {
  const calls = await findCalls();
  const made = (name: string, pattern: RegExp): boolean =>
    calls.some((call) => call.name === name && pattern.test(call.text));
  assert.ok(made('link', /g00000002/), 'the record is linked');
  assert.ok(made('link', /g00000001\.end/), 'the end of the dead one is linked');
  assert.ok(made('fsync', /tmp/), 'what is linked was synced');
  assert.ok(made('fcntl', /lock.*F_OFD_SETLK/), 'the id lock is taken');
});

test('ten faults by chance: each id has one broker, and none is lost', async () => {
  const seed = Number(process.env['BARNABAS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const random = randomOf(seed);
  const calls = await findCalls();
  for (let count = 0; count < 10; count += 1) {
    const fault = random.pick(faults);
    const call = random.pick(calls.filter((one) => fault !== undefined && fits(one, fault)));
    if (!call || !fault) throw new Error('no call');
    const { met, wrong } = await tryFault(call, fault);
    assert.is(wrong, undefined, `seed ${seed}: ${fault} at ${call.text}: ${met}`);
  }
});

test('the record that is there already when the agent links it is its own', async () => {
  const calls = (await findCalls()).filter((call) => call.name === 'link');
  assert.is(calls.length, 2);
  for (const call of calls) {
    const { met, wrong } = await tryFault(call, 'done already');
    assert.is(wrong, undefined, `${call.text}: ${met}`);
    assert.is(met, 'id 0');
  }
});

test.run();
