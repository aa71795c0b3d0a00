/** A journal in a file: whole or as it was, one writer at a time, and free again however that writer ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openFileJournal } from '../../src/volume/file-journal.ts';
import { failureOf } from '../kafka/support/scene.ts';
import { until } from '../support/agent.ts';

const test = suite<{ directory: string; path: string }>('a journal in a file', {} as never);
test.before.each((context) => {
  context.directory = mkdtempSync(join(tmpdir(), 'journal-'));
  context.path = join(context.directory, 'journal');
});
test.after.each(({ directory }) => rmSync(directory, { recursive: true }));

test('what was written is read, by whoever comes later', async ({ path, directory }) => {
  const first = openFileJournal(path, 'write');
  assert.is(await first.read(), undefined);
  await first.write('one');
  await first.write('two');
  assert.is(await openFileJournal(path, 'read').read(), 'two');
  await first.close();
  const second = openFileJournal(path, 'write');
  assert.is(await second.read(), 'two');
  await second.close();
  assert.equal(readdirSync(directory).sort(), ['journal', 'journal.lock']);
});

test('a crash while it was written leaves the old one, and is no trouble to the next write', async ({ path }) => {
  const journal = openFileJournal(path, 'write');
  await journal.write('old');
  writeFileSync(`${path}.tmp`, 'hal');
  assert.is(await journal.read(), 'old');
  await journal.write('new');
  assert.is(readFileSync(path, 'utf8'), 'new');
  assert.not.ok(existsSync(`${path}.tmp`));
  await journal.close();
});

test('a second writer is refused while the first lives; SIGKILL lets go', async ({ path }) => {
  const source = resolve(import.meta.dirname, '../../src/volume/file-journal.ts');
  const program = `import { openFileJournal } from ${JSON.stringify(source)};
    await openFileJournal(${JSON.stringify(path)}, 'write').write('theirs');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: 'inherit',
  });
  const ended = once(child, 'exit');
  try {
    await until(() => existsSync(path), 'the other to write');
    const failure = await failureOf(Promise.resolve().then(() => openFileJournal(path, 'write')));
    assert.is(failure.code, 'journal-failed');
    assert.match(
      failure.message,
      /another recovery is at work with the journal .*: wait for it to end, or stop it and `resume`/,
    );
    assert.is(await openFileJournal(path, 'read').read(), 'theirs');
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
  const journal = openFileJournal(path, 'write');
  assert.is(await journal.read(), 'theirs');
  await journal.close();
});

test('where nobody can write it says so, and what to do', async ({ directory }) => {
  const failure = await failureOf(
    Promise.resolve().then(() => openFileJournal(join(directory, 'no/journal'), 'write')),
  );
  assert.is(failure.code, 'journal-failed');
  assert.match(failure.message, /cannot open .*no such file or directory.*; name another place by --journal/);
});

test.run();
