import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { allHold, judge, type Facts } from '../../demo/verdict.ts';

const test = suite("the demo's verdict");

const good: Facts = {
  failover: {
    ...{ killedId: 1, replacementId: 1 },
    ...{ claimedMs: 200, leadersMovedMs: 900, registeredMs: 3000, isrFullMs: 4000 },
  },
  logDirsBefore: ['kafka-logs-0', 'kafka-logs-1', 'kafka-logs-2'],
  logDirsAfter: ['kafka-logs-0', 'kafka-logs-1', 'kafka-logs-2'],
  underReplicatedAtEnd: 0,
  partitions: 60,
  crashedStarts: [],
  load: { acknowledged: 9000, consumed: 9000, lost: 0, outOfOrder: 0, duplicates: 12, longestStallMs: 3000 },
};

test('all holds where all was seen', () => {
  assert.ok(allHold(judge(good)));
});

const failing: readonly (readonly [string, string, Partial<Facts>])[] = [
  ['another id', 'same id', { failover: { ...good.failover, replacementId: 3 } }],
  ['no id', 'same id', { failover: { ...good.failover, replacementId: null } }],
  ['one more directory', 'no new directory', { logDirsAfter: [...good.logDirsAfter, 'kafka-logs-3'] }],
  ['one less', 'no new directory', { logDirsAfter: ['kafka-logs-0'] }],
  ['none at all', 'no new directory', { logDirsBefore: [], logDirsAfter: [] }],
  ['a partition under-replicated', 'no under-replicated partition', { underReplicatedAtEnd: 1 }],
  ['the end not seen', 'no under-replicated partition', { underReplicatedAtEnd: -1 }],
  ['no partition seen', 'no under-replicated partition', { partitions: 0 }],
  ['the ISR never full', 'no under-replicated partition', { failover: { ...good.failover, isrFullMs: null } }],
  ['a pod that ended', 'no crashed start', { crashedStarts: ['kafka-abcde ended with 1'] }],
  ['a message lost', 'no message lost or out of order', { load: { ...good.load, lost: 1 } }],
  ['one out of order', 'no message lost or out of order', { load: { ...good.load, outOfOrder: 1 } }],
  ['no load at all', 'no message lost or out of order', { load: { ...good.load, acknowledged: 0 } }],
];
for (const [name, promise, change] of failing) {
  test(`${name} breaks just the promise of ${promise}`, () => {
    const findings = judge({ ...good, ...change });
    assert.equal(
      findings.filter(({ holds }) => !holds).map(({ what }) => what),
      [promise],
    );
    assert.not(allHold(findings));
  });
}

test.run();
