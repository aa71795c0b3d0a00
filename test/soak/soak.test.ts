/** A short soak; the long one is `npm run test:soak`. And that the referee sees two brokers where there are two. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { soak } from './soak.ts';

const test = suite('a short soak');

test('thirty claims of twelve agents on five ids, with blows: no overlap', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'soak-'));
  const seed = Number(process.env['BARNABAS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  try {
    const seen = await soak({ directory, agents: 12, ids: 5, claims: 30, seed, deadlineMs: 90_000 });
    assert.equal(seen.overlaps, [], `seed ${seed}`);
    assert.ok(seen.claims >= 30 && seen.idsSeen === 5, `seed ${seed}: ${JSON.stringify(seen)}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('the referee refuses a second one', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'referee-'));
  const take = `exec 9>"${directory}/0"; flock -n 9 && echo alone || echo second; exec sleep 100`;
  const children = [spawn('sh', ['-c', take]), undefined as ReturnType<typeof spawn> | undefined];
  try {
    const [first] = (await once(children[0]?.stdout as NodeJS.EventEmitter, 'data')) as [Buffer];
    children[1] = spawn('sh', ['-c', take]);
    const [other] = (await once(children[1].stdout as NodeJS.EventEmitter, 'data')) as [Buffer];
    assert.equal([first.toString(), other.toString()], ['alone\n', 'second\n']);
  } finally {
    for (const child of children) child?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
});

test.run();
