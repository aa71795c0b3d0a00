/** What the documentation says is what the code does. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BarnabasError, type ErrorCode } from '../src/errors.ts';
import { flagOf, settingsTable, variableOf, type Setting, type SettingName } from '../src/settings.ts';

const test = suite('the documentation');
const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'manifests/README.md'].concat(
  readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
);

test('every setting stands in the reference with its placeholder, and no other', () => {
  const rows = [...read('docs/reference.md').matchAll(/^\| `(--[a-z-]+|BARNABAS_SASL\w+)( [^`]+)?`/gm)];
  const documented = rows.map((match) => [match[1], match[2]?.trim().replaceAll('\\|', '|')]);
  const expected = (Object.keys(settingsTable) as SettingName[]).map((name) => {
    const setting: Setting<unknown> = settingsTable[name];
    return setting.secret ? [variableOf(name), undefined] : [flagOf(name), setting.placeholder];
  });
  const sorted = (list: unknown[][]): unknown[][] => list.sort((a, b) => String(a).localeCompare(String(b)));
  assert.equal(sorted(documented), sorted(expected));
});

test('other names of variables are told', () => {
  for (const setting of Object.values(settingsTable) as Setting<unknown>[]) {
    for (const variable of setting.also ?? []) assert.match(read('docs/reference.md'), `(also \`${variable}\`)`);
  }
});

test('the exit statuses of the reference are those of the codes', () => {
  const rows = [...read('docs/reference.md').matchAll(/^\| ([0-4]) +\| (`[^|]*`) *\|/gm)];
  assert.is(rows.length, 4);
  for (const [, status, codes] of rows) {
    for (const [, code] of (codes ?? '').matchAll(/`([a-z-]+)`/g)) {
      assert.is(new BarnabasError(code as ErrorCode, '').exitStatus, Number(status), code);
    }
  }
});

test('every link to a file of the project leads somewhere', () => {
  for (const page of pages) {
    for (const [, target] of read(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(root, dirname(page), target ?? '')), `${page} links to ${String(target)}`);
    }
  }
});

test('every page and decision that the code refers to is there', () => {
  const sources = ['src', 'scripts', 'test', 'demo', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs|cjs|sh)$/.test(name))
      .map((name) => join(folder, name)),
  );
  const decisions = readdirSync(join(root, 'docs/decisions')).map((name) => name.slice(0, 4));
  for (const source of sources) {
    for (const [, number] of read(source).matchAll(/docs\/decisions\/(\d{4})/g)) {
      assert.ok(decisions.includes(number ?? ''), `${source} refers to decision ${String(number)}`);
    }
    for (const [page] of read(source).matchAll(/docs\/[a-z]+\.md/g)) {
      assert.ok(existsSync(join(root, page)), `${source} refers to ${page}`);
    }
  }
});

test('every npm script that a page names exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const page of pages) {
    for (const [, name] of read(page).matchAll(/npm run ([a-z]+)/g))
      assert.ok(name && name in scripts, `${page}: ${String(name)}`);
  }
});

test.run();
