import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AttemptsFailed, firstOf } from '../../src/kafka/first-of.ts';

const test = suite('the first of several ways');
const never = new Promise<string>(() => undefined);
const fails = (why: string): Promise<string> => Promise.reject(new Error(why));

test('a way that works at once is the only one tried', async () => {
  const tried: string[] = [];
  const attempt = (way: string) => {
    tried.push(way);
    return Promise.resolve(way);
  };
  assert.is(await firstOf(['a', 'b'], attempt), 'a');
  assert.equal(tried, ['a']);
});

test('one that fails is passed over, one that hangs is not waited for', async () => {
  const outcomes = { bad: () => fails('bad'), slow: () => never, good: () => Promise.resolve('good') };
  assert.is(await firstOf(['bad', 'slow', 'good'] as const, (way) => outcomes[way]()), 'good');
});

test('where all fail, each says why, in their order', async () => {
  const outcome = await firstOf(['a', 'b'], fails).catch((error: unknown) => error);
  assert.instance(outcome, AttemptsFailed);
  assert.equal(
    (outcome as AttemptsFailed).errors.map((error) => (error as Error).message),
    ['a', 'b'],
  );
});

test.run();
