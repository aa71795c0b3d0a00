/** The runner makes each of these a failure, which uvu alone lets pass. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('the test runner');
const runner = resolve(import.meta.dirname, 'run.ts');

/** Runs one file of that text; a folder inside the project, so that it finds uvu. */
function runFile(text: string | undefined): { status: number | null; last: string; output: string } {
  mkdirSync(join(import.meta.dirname, '.fixtures'), { recursive: true });
  const directory = mkdtempSync(join(import.meta.dirname, '.fixtures/run-'));
  try {
    if (text !== undefined)
      writeFileSync(join(directory, 'one.test.ts'), `import { test, suite } from 'uvu';\n${text}\n`);
    const words = ['--import', 'tsx', runner, '--deadline-s', '6', directory];
    const env = { ...process.env, BARNABAS_TEST_SUMMARY: '' };
    const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8', env });
    return { status, last: stdout.trim().split('\n').at(-1) ?? '', output: stdout };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a good file passes', () => {
  const { status, last } = runFile("test('x', () => {});\ntest('y', () => {});\ntest.run();");
  assert.equal([status, last], [0, '2 passed, 0 failed']);
});

const faults: readonly (readonly [string, string | undefined, RegExp])[] = [
  ['a failing test', "test('x', () => { throw new Error('no'); });\ntest.run();", /0 passed, 1 failed/],
  ['a forgotten test.run()', "test('x', () => {});", /ran no test: is `test\.run\(\)` missing\?/],
  ['no test at all', 'test.run();', /has no test/],
  ['a test left out', "test('x', () => {});\ntest.skip('y', () => {});\ntest.run();", /skips 1 tests/],
  ['all others left out', "test('x', () => {});\ntest.only('y', () => {});\ntest.run();", /skips 1 tests/],
  [
    'a before hook that fails',
    "test.before(() => { throw new Error('no'); });\ntest('x', () => {});\ntest.run();",
    /FAIL|failed/,
  ],
  ['a crash at import', "throw new Error('no');", /ran no test/],
  [
    'a failing exit after its tests',
    "test('x', () => {});\ntest.run();\nprocess.on('exit', () => (process.exitCode = 3));",
    /ended with 3 after its tests/,
  ],
  [
    'a process left behind',
    "import { spawn } from 'node:child_process';\ntest('x', () => { spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }).unref(); });\ntest.run();",
    /left processes behind: sleep 60/,
  ],
  [
    'a file left behind',
    "import { mkdtempSync } from 'node:fs';\nimport { tmpdir } from 'node:os';\ntest('x', () => { mkdtempSync(tmpdir() + '/litter-'); });\ntest.run();",
    /left temporary files behind: litter-/,
  ],
  [
    'a file that never ends',
    "test('x', () => new Promise(() => setInterval(() => {}, 1000)));\ntest.run();",
    /not finished after 6 s/,
  ],
  ['no file at all', undefined, /no test file in/],
];
for (const [name, text, message] of faults) {
  test(`${name} is a failure`, () => {
    const { status, last, output } = runFile(text);
    assert.is(status, 1, output);
    assert.match(output, message);
    assert.match(last, /^\d+ passed, [1-9]\d* failed$/);
  });
}

test.after(() => rmSync(join(import.meta.dirname, '.fixtures'), { recursive: true, force: true }));
test.run();
