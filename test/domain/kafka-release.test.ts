import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { releaseOf } from '../../src/domain/kafka-release.ts';

const test = suite("a broker's release");

/** The newest versions of the first requests by key, of Kafka's own kafka-clients jars; -1: not taken. */
const table: readonly (readonly [string, string, string | null])[] = [
  ['older than all marks', '1 1 0 0', null],
  ['0.10.0.1', '2 2 0 1 0 0 2 1 2 1 0 0 0 0 0 0 0 0 0', '0.10.0'],
  ['0.10.1.1', '2 3 1 2 0 0 2 1 2 1 0 1 0 0 0 0 0 0 0 0 0', '0.10.1'],
  ['0.10.2.2', '2 3 1 2 0 0 3 1 2 2 0 1 0 0 0 0 0 0 0 1 0', '0.10.2'],
  ['1.1.1', '5 7 2 5 1 0 4 1 3 3 1 2 1 1 1 1 1 1 1 2 1 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0 0', '1.1'],
  ['2.8.2', '9 12 6 11 5 3 7 3 8 7 3 7 4 4 5 5 4 1 3 7 6 2 4 4 3 3 3 1 3 2 2 2 4 2 2 2', '2.8'],
  ['3.4.1 with ZooKeeper', '9 13 7 12 7 4 8 3 8 8 4 9 4 5 5 5 4 1 3 7 6 2 4 4 3 3 3 1 3 3 3 3 4 2 2 4', '3.4'],
  ['3.4.1 with KRaft', '9 13 7 12 -1 -1 -1 -1 8 8 4 9 4 5 5 5 4 1 3 7 6 2 4 4 3 3 3 1 3 3 3 3 4 2 2 4', '3.3 or 3.4'],
  ['3.9.2', '11 17 9 12 7 4 8 3 9 9 6 9 4 5 5 5 5 1 4 7 6 2 5 4 5 4 4 1 4 3 3 3 4 2 2 4', '3.9'],
  ['4.1.1', '13 18 10 13 -1 -1 -1 -1 9 9 6 9 4 5 5 6 5 1 4 7 6 2 5 4 5 4 5 1 5 3 3 3 4 2 2 4', '4.1'],
  ['4.3.1', '13 18 11 13 -1 -1 -1 -1 10 10 6 9 4 5 5 6 5 1 4 7 6 2 5 4 5 4 5 2 5 3 3 3 4 2 2 5', '4.3+'],
];
for (const [name, versions, release] of table) {
  test(`${name}: ${String(release)}`, () => {
    const newest = versions.split(' ').map((version, key) => [key, Number(version)] as const);
    assert.is(releaseOf(new Map(newest.filter(([, version]) => version >= 0))), release);
  });
}

test.run();
