/** What log dirs take on a real volume, within a bound. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { measureLogDirs } from '../../src/volume/measure.ts';

const test = suite<{ root: string }>('the size of log dirs', { root: '' });
const { signal } = new AbortController();

test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), 'measure-'));
  for (let partition = 0; partition < 40; partition += 1) {
    const directory = join(context.root, `kafka-logs-0/orders-${partition}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, '0.log'), 'x'.repeat(5000));
  }
});
test.after.each(({ root }) => rmSync(root, { recursive: true, force: true }));

const measure = async (root: string, order: { known?: string[]; timeoutMs?: number } = {}) => {
  const { known = [], timeoutMs = 10_000 } = order;
  const logDirs = await measureLogDirs({ root, logDirs: ['kafka-logs-0'], known: new Set(known), timeoutMs, signal });
  return logDirs.get('kafka-logs-0');
};

/** Of the files alone: directories take room too. */
const diskUsage = (root: string): number =>
  execFileSync('find', [join(root, 'kafka-logs-0'), '-type', 'f', '-printf', '%b\n'], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .reduce((sum, blocks) => sum + Number(blocks) * 512, 0);

test('all files, as they lie on the disk: a sparse one takes nothing', async ({ root }) => {
  execFileSync('truncate', ['-s', '1G', join(root, 'kafka-logs-0/orders-0/0.index')]);
  const { bytes, whole, madeAt } = (await measure(root)) ?? {};
  assert.is(whole, true);
  assert.is(bytes, diskUsage(root));
  assert.ok(Number(bytes) >= 40 * 5000 && Number(bytes) < 1e9);
  assert.ok(Math.abs(Date.parse(madeAt ?? '') - Date.now()) < 60_000);
});

test('when the time is over, what was counted so far', async ({ root }) => {
  const { bytes, whole } = (await measure(root, { timeoutMs: 0 })) ?? {};
  assert.is(whole, false);
  assert.ok(Number(bytes) < diskUsage(root));
});

test('one that is known already is not counted', async ({ root }) => {
  const { bytes, madeAt } = (await measure(root, { known: ['kafka-logs-0'] })) ?? {};
  assert.is(bytes, null);
  assert.type(madeAt, 'string');
});

test('one that is not there has nothing in it', async ({ root }) => {
  rmSync(join(root, 'kafka-logs-0'), { recursive: true });
  assert.equal(await measure(root), { bytes: 0, whole: true, madeAt: null });
});

test('a link in a circle is not followed', async ({ root }) => {
  symlinkSync('..', join(root, 'kafka-logs-0/orders-0/up'));
  assert.is((await measure(root))?.whole, true);
});

test.run();
