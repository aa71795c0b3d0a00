/** Some faults at some calls of the real claim, others each time; `npm run test:soak` tries all of them at all calls. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { randomOf } from '../soak/random.ts';
import { faults, findCalls, tryFault } from './matrix.ts';

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

test('sixteen faults by chance: each id has one broker, and none is lost', async () => {
  const seed = Number(process.env['BARNABAS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const random = randomOf(seed);
  const calls = await findCalls();
  for (let count = 0; count < 16; count += 1) {
    const [call, fault] = [random.pick(calls), random.pick(faults)];
    if (!call || !fault) throw new Error('no call');
    const { met, wrong } = await tryFault(call, fault);
    assert.is(wrong, undefined, `seed ${seed}: ${fault} at ${call.text}: ${met}`);
  }
});

test.run();
