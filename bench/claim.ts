/** One cold claim, beside an empty Node.js program and the approach of 2017. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { median, ratio, timeInTurn, type Command, type Timing } from './measure.ts';
import type { Result } from './report.ts';
import { makeVolume, type BenchVolume } from './volume.ts';

const agent = resolve(import.meta.dirname, '../dist/barnabas.js');
const oldWay = resolve(import.meta.dirname, 'approach-2017.cjs');
const rounds = 25;

export async function benchClaim(directory: string): Promise<Result> {
  const volumes = [3, 1000].map((logDirs) => {
    const path = join(directory, `volume-${logDirs}`);
    mkdirSync(path);
    return makeVolume(path, logDirs);
  });
  try {
    const [few, many] = volumes as [BenchVolume, BenchVolume];
    const config = join(directory, 'server.properties');
    const claim = (volume: BenchVolume): readonly string[] => [
      ...[process.execPath, agent, 'claim', '--volume', volume.path, '--config-out', config, '--wait', '0s'],
    ];
    const commands: readonly Command[] = [
      { name: 'node -e 0', words: [process.execPath, '-e', '0'] },
      { name: 'barnabas claim, 3 log dirs', words: claim(few), reset: () => few.reset() },
      { name: 'barnabas claim, 1,000 log dirs', words: claim(many), reset: () => many.reset() },
      { name: 'approach of 2017, 3 log dirs', words: [process.execPath, oldWay, few.path, config] },
      { name: 'approach of 2017, 1,000 log dirs', words: [process.execPath, oldWay, many.path, config] },
    ];
    return summarise(await timeInTurn(commands, rounds));
  } finally {
    for (const volume of volumes) volume.close();
  }
}

function summarise(timings: readonly Timing[]): Result {
  const [node, few, many, oldFew, oldMany] = timings;
  return {
    title: `one cold claim: the last id is free, all others are held by the living (${rounds} rounds, medians)`,
    rows: timings.map(({ name, ms }) => [name, `${median(ms).toFixed(0)} ms`]),
    findings: [
      { what: '3 log dirs, to node -e 0', value: ratio(few, node), limit: 2.5 },
      { what: '1,000 log dirs, to 3', value: ratio(many, few), limit: 1.5 },
      { what: '3 log dirs, to the approach of 2017', value: ratio(few, oldFew) },
      { what: '1,000 log dirs, to the approach of 2017', value: ratio(many, oldMany) },
    ],
  };
}
