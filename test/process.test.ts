import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { localFiles } from '../src/process/files.ts';
import { createLog } from '../src/process/log.ts';
import { systemRandomness } from '../src/process/randomness.ts';
import { formatTable } from '../src/process/table.ts';

const test = suite('logs, files and tables');

function logged(format: 'text' | 'json'): string {
  const lines: string[] = [];
  const log = createLog({ format, write: (line) => lines.push(line), now: () => '2026-01-01T00:00:00.000Z' });
  log.warn('cannot do it', { id: 3, why: 'a "b" c', left: undefined, path: '/x=y' });
  return lines.join('\n');
}

test('a line of text quotes what needs it', () => {
  assert.is(logged('text'), '2026-01-01T00:00:00.000Z WARN  cannot do it id=3 why="a \\"b\\" c" path="/x=y"');
});

test('a line of JSON', () => {
  assert.equal(JSON.parse(logged('json')), {
    ...{ time: '2026-01-01T00:00:00.000Z', level: 'warn', message: 'cannot do it' },
    ...{ id: 3, why: 'a "b" c', path: '/x=y' },
  });
});

test('a file is written whole or not at all', () => {
  const directory = mkdtempSync(join(tmpdir(), 'files-'));
  const path = join(directory, 'server.properties');
  assert.ok(localFiles.writeAtomically(path, 'one').ok);
  assert.ok(localFiles.writeAtomically(path, 'two').ok);
  assert.is(readFileSync(path, 'utf8'), 'two');
  // It may hold passwords: nobody else's to read.
  assert.is(statSync(path).mode & 0o007, 0);
  assert.equal(localFiles.writeAtomically(join(directory, 'no/such'), 'x'), { ok: false, errno: 'ENOENT' });
  assert.equal(localFiles.writeAtomically(directory, 'x'), { ok: false, errno: 'EISDIR' });
  assert.equal(readdirSync(directory), ['server.properties']);
  assert.not.ok(localFiles.isWritableDirectory(path));
  assert.ok(localFiles.isWritableDirectory(directory));
  rmSync(directory, { recursive: true });
});

test('a UUID is one, and no two are the same', () => {
  const uuids = Array.from({ length: 100 }, () => systemRandomness.uuid());
  for (const uuid of uuids) assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.is(new Set(uuids).size, 100);
});

test('columns of a table stand below one another', () => {
  assert.is(
    formatTable(
      ['ID', 'WHY'],
      [
        ['10', 'a'],
        ['2', 'bb'],
      ],
    ),
    'ID  WHY\n10  a\n2   bb',
  );
});

test.run();
