/** A question on a real terminal: what each key comes to. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/agent.ts';

const test = suite('a question on a terminal');
const asker = join(import.meta.dirname, 'asker.ts');

for (const [what, keys, heard] of [
  ['an answer', ' yes \r', /heard yes, no signal\./],
  ['Ctrl-C is the signal that it is elsewhere', '\u0003', /heard undefined, SIGINT\./],
  ['Ctrl-D is no answer', '\u0004', /heard undefined, no signal\./],
] as const) {
  test(what, async () => {
    const words = `exec "${process.execPath}" --import tsx "${asker}"`;
    const child = spawn('script', ['-qec', words, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    await until(
      () => shown.includes('Begin? '),
      () => shown,
    );
    child.stdin.write(keys);
    assert.is(await closed, 0);
    assert.match(shown, heard);
  });
}

test.run();
