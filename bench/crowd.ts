/** 100 agents at once. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { timeOnce, type Command } from './measure.ts';
import type { Result } from './report.ts';

const agent = resolve(import.meta.dirname, '../dist/barnabas.js');
const crowd = 100;

export async function benchCrowd(directory: string): Promise<Result> {
  const volume = join(directory, 'crowd');
  mkdirSync(volume);
  const bare = await together(() => ({ name: 'node -e 0', words: [process.execPath, '-e', '0'] }));
  const claims = await together((index) => ({
    name: `agent ${index}`,
    words: [
      ...[process.execPath, agent, 'claim', '--volume', volume, '--brokers', String(crowd), '--wait', '60s'],
      ...['--config-out', join(directory, `crowd-${index}.properties`)],
    ],
    env: { POD_UID: `uid-${index}` },
  }));
  const ids = readdirSync(join(volume, '.barnabas/claims'));
  const records = ids
    .flatMap((id) => readdirSync(join(volume, '.barnabas/claims', id)))
    .filter((name) => /^g\d+$/.test(name));
  return {
    title: `${crowd} agents started at once on an empty volume`,
    rows: [
      [`the last of ${crowd} × node -e 0`, `${(bare / 1000).toFixed(1)} s`],
      [`the last of ${crowd} claims`, `${(claims / 1000).toFixed(1)} s`],
      ['different ids', String(ids.length)],
      ['claim records', String(records.length)],
    ],
    findings: [
      { what: 'seconds until the last has its id', value: claims / 1000, limit: 10 },
      { what: `to ${crowd} × node -e 0`, value: claims / bare },
    ],
  };
}

/** Milliseconds until the last has ended; all must succeed. */
async function together(command: (index: number) => Command): Promise<number> {
  const fromMs = performance.now();
  await Promise.all(Array.from({ length: crowd }, (_, index) => timeOnce(command(index))));
  return performance.now() - fromMs;
}
