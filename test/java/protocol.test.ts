/**
 * The bytes that the tests of the protocol expect are those of Kafka's own classes: of 3.9.2, which knows every old version,
 * and of 4.3.1 for those since. BARNABAS_TEST_GOLDEN=write writes them anew.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findJars } from '../../demo/cluster/jars.ts';
import { goldenFile, readGolden } from '../kafka/protocol/golden.ts';
import { allWanted, type Wanted } from '../kafka/protocol/messages.ts';

const test = suite("the protocol's bytes as Kafka writes them");

/** The last version of each that 3.9.2 knows, where there is a later one. */
const lastOfOld: Readonly<Record<string, number>> = {
  ...{ Metadata: 12, AlterPartitionReassignments: 0, DescribeLogDirs: 4, DescribeCluster: 1 },
};
const isNew = ({ message, version }: Wanted): boolean =>
  version > (lastOfOld[message.replace(/(Request|Response)$/, '')] ?? Infinity);

function write(wanted: readonly Wanted[], kafka: string): [string, string][] {
  const program = join(import.meta.dirname, 'ProtocolBytes.java');
  const input = wanted.map(({ message, version, json }) => `${message} ${version} ${json}\n`).join('');
  const output = execFileSync('java', ['-cp', findJars(kafka).classPath, program], { input, encoding: 'utf8' });
  return output
    .trim()
    .split('\n')
    .map((hex, index) => [wanted[index]?.key ?? '', hex]);
}

test('every message in every version', () => {
  const wanted = allWanted();
  const written = new Map([
    ...write(
      wanted.filter((each) => !isNew(each)),
      '3.9.2',
    ),
    ...write(wanted.filter(isNew), '4.3.1'),
  ]);
  const all = wanted.map(({ key }) => [key, written.get(key) ?? ''] as const);
  if (process.env['BARNABAS_TEST_GOLDEN'] === 'write') {
    writeFileSync(goldenFile, all.map(([key, hex]) => `${key}: ${hex}\n`).join(''));
  }
  assert.equal([...readGolden()], all);
});

test.run();
