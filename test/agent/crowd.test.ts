/** Many agents at once. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agent, scratch, type ClaimResult, type Finished, type Scratch } from '../support/agent.ts';

const test = suite<{ place: Scratch }>('a crowd', {} as { place: Scratch });
test.before.each((context) => {
  context.place = scratch();
});
test.after.each(({ place }) => place.remove());

function startCrowd(place: Scratch, brokers: number, wait: string): Promise<Finished[]> {
  return Promise.all(
    Array.from({ length: 100 }, (_, index) => {
      const config = join(place.directory, `server-${index}.properties`);
      const words = ['claim', '--volume', place.volume, '--brokers', String(brokers), '--wait', wait, '--json'];
      return agent([...words, '--config-out', config], {
        env: { POD_NAME: `kafka-${index}`, POD_UID: `uid-${index}` },
      });
    }),
  );
}

const resultsOf = (crowd: readonly Finished[]): ClaimResult[] =>
  crowd.filter(({ status }) => status === 0).map(({ stdout }) => JSON.parse(stdout) as ClaimResult);

const logDirsOf = (place: Scratch): string[] =>
  readdirSync(place.volume).filter((name) => name.startsWith('kafka-logs-'));

// Mutant caught: publish() that takes any outcome of link for its own.
test('100 on an empty volume with room for 100: 100 different ids, each at its first generation', async ({ place }) => {
  const crowd = await startCrowd(place, 100, '60s');
  const failures = crowd.filter(({ status }) => status !== 0);
  assert.is(failures.length, 0, failures[0]?.stderr);
  const results = resultsOf(crowd);
  assert.equal(
    results.map(({ brokerId }) => brokerId).sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, index) => index),
  );
  assert.ok(results.every(({ generation, evidence }) => generation === 1 && evidence === 'new'));
  assert.is(logDirsOf(place).length, 100);
});

test('100 on a volume of 10 ids: 10 claim, 90 wait and say what for, and none mints an eleventh', async ({ place }) => {
  const crowd = await startCrowd(place, 10, '8s');
  assert.is(resultsOf(crowd).length, 10);
  assert.is(new Set(resultsOf(crowd).map(({ brokerId }) => brokerId)).size, 10);
  const waiting = crowd.filter(({ status }) => status !== 0);
  for (const { status, stderr } of waiting) {
    assert.is(status, 4, stderr);
    assert.match(stderr, /waiting for a broker id for=".*(held by pod|another agent)/);
    assert.match(stderr, /ids 0 to 9 are all taken/);
  }
  assert.is(logDirsOf(place).length, 10);
  assert.is(readdirSync(join(place.volume, '.barnabas/claims')).length, 10);
});

test.run();
