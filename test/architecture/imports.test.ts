/** The direction of imports (docs/decisions/0001), by reading every source file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('the direction of imports');
const root = resolve(import.meta.dirname, '../../src');

interface Source {
  /** Relative to src, such as `domain/ids.ts`. */
  readonly path: string;
  readonly text: string;
}

const ports = ['ports.ts', 'ports-cluster.ts', 'ports-kafka.ts', 'ports-journal.ts', 'ports-output.ts'];
const outside = ['volume', 'kafka', 'kubernetes', 'process'];

/** What a file may import: prefixes of files below src, or `node:` and `package` for those kinds. */
function allowedFor(path: string): readonly string[] {
  const folder = path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
  if (folder === 'domain') return ['domain/'];
  if (folder === 'commands') {
    const core = ['domain/', 'commands/', ...ports, 'errors.ts', 'settings.ts', 'command-settings.ts', 'runner.ts'];
    return [...core, 'node:path', 'node:os'];
  }
  if (outside.includes(folder)) return ['domain/', ...ports, 'errors.ts', `${folder}/`, 'node:', 'package'];
  const byFile: Readonly<Record<string, readonly string[]>> = {
    'cli-recover.ts': ['commands/', 'command-settings.ts', 'ports.ts', 'settings.ts'],
    'cli.ts': [
      'cli-recover.ts',
      'commands/',
      'command-settings.ts',
      'errors.ts',
      'ports.ts',
      'settings.ts',
      'read-settings.ts',
      'wire.ts',
      'process/write.ts',
      'node:os',
      'node:path',
      'package',
    ],
    'wire.ts': ['domain/', 'errors.ts', ...ports, ...outside.map((name) => `${name}/`), 'node:'],
    'guard.ts': ['domain/', 'ports.ts', 'runner.ts', 'process/', 'volume/', 'node:worker_threads'],
    'elector.ts': ['commands/elect-own.ts', 'ports-kafka.ts', 'wire.ts', 'node:worker_threads'],
    'runner.ts': ['domain/', 'errors.ts', 'ports.ts'],
    'ports.ts': ['domain/', 'ports-cluster.ts', 'ports-kafka.ts', 'ports-journal.ts', 'ports-output.ts'],
    'ports-journal.ts': ['ports-cluster.ts'],
    'ports-cluster.ts': ['domain/'],
    'ports-kafka.ts': ['domain/', 'ports-cluster.ts'],
    'settings-elect.ts': ['parse-setting.ts'],
    'settings-kafka.ts': ['parse-setting.ts', 'domain/kafka-access.ts'],
    'settings-recover.ts': ['parse-setting.ts', 'domain/recovery/replacement.ts'],
    'settings.ts': ['parse-setting.ts', 'settings-elect.ts', 'settings-kafka.ts', 'settings-recover.ts'],
    'read-settings.ts': ['settings.ts'],
    'parse-setting.ts': [],
    'command-settings.ts': [],
    'errors.ts': [],
  };
  return byFile[path] ?? [];
}

/** Resolved to a path below src, or `node:x`, or `package:x`. */
function importsOf({ path, text }: Source): string[] {
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
  return found.map((name) => {
    if (name.startsWith('.')) return join(path, '..', name);
    return name.startsWith('node:') ? name : `package:${name}`;
  });
}

function faultsOf(source: Source): string[] {
  const allowed = allowedFor(source.path);
  const fits = (name: string): boolean => allowed.some((prefix) => name.startsWith(prefix));
  return importsOf(source)
    .filter((name) => !fits(name))
    .map((name) => `${source.path} imports ${name}`);
}

const sources: readonly Source[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

test('every file imports only what its place allows', () => {
  assert.ok(sources.length > 50);
  assert.equal(sources.flatMap(faultsOf), []);
});

test('no file is long, and none is named for nothing', () => {
  for (const { path, text } of sources) {
    assert.ok(text.split('\n').length <= 300, `${path} is long`);
    assert.not.match(path, /(utils?|misc|helpers?|managers?|index)\.ts$/);
  }
});

for (const [path, text, fault] of [
  ['domain/ids.ts', "import fs from 'node:fs';", 'domain/ids.ts imports node:fs'],
  ['domain/protocol/x.ts', "import { x } from '../../ports.ts';", 'domain/protocol/x.ts imports ports.ts'],
  ['commands/x.ts', "import { x } from '../volume/file-volume.ts';", 'commands/x.ts imports volume/file-volume.ts'],
  ['commands/x.ts', "await import('yargs')", 'commands/x.ts imports package:yargs'],
  ['kafka/x.ts', "import type { X } from '../volume/x.ts';", 'kafka/x.ts imports volume/x.ts'],
  ['new.ts', "import './errors.ts';", 'new.ts imports errors.ts'],
] as const) {
  test(`the check finds: ${fault}`, () => assert.equal(faultsOf({ path, text }), [fault]));
}

test.run();
