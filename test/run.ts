/**
 * Runs test files, each in a process of its own, and counts them: `N passed, N failed` on the last line.
 *
 * uvu alone lets three faults pass silently, and here each is a failure: a file that never calls `test.run()`, a
 * `before` hook that throws, a `.only` or `.skip` left behind. So are what a file leaves behind: processes and
 * temporary files.
 *
 * Usage: tsx test/run.ts [--jobs N] [--deadline-s N] [--verbose] PATH…   (folders are searched for *.test.ts)
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { killAll, processesWith } from './support/processes.ts';

interface FileResult {
  readonly passed: number;
  readonly failed: number;
  /** What uvu itself could not tell. */
  readonly faults: readonly string[];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: '1' },
    'deadline-s': { type: 'string', default: '240' },
    summary: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});
const deadlineMs = Number(values['deadline-s']) * 1000;

function testFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(path, name))
    .sort();
}

/** Reads uvu's closing block; undefined if there is none. */
export function parseSummary(output: string): { total: number; passed: number; skipped: number } | undefined {
  const plain = output.replace(/\u001b\[[0-9;]*m/g, '');
  const match = /\n {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)\n/.exec(plain);
  if (!match) return undefined;
  return { total: Number(match[1]), passed: Number(match[2]), skipped: Number(match[3]) };
}

const graceMs = 60_000;
/** How to end each suite that runs. */
const interruptions = new Set<() => void>();

/** The helper of tsx, which translates a suite and no test starts: it ends when it finds its pipe closed, a moment later. */
const isTranslator = (command: string): boolean => /@esbuild\/\S+\/esbuild --service=/.test(command);

async function runFile(file: string): Promise<FileResult> {
  const marker = randomUUID();
  const temporary = mkdtempSync(join(tmpdir(), 'barnabas-test-'));
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    env: { ...process.env, BARNABAS_TEST_RUN: marker, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const hear = (chunk: Buffer): void => {
    output += chunk.toString();
    if (values.verbose) process.stdout.write(chunk);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const state = { late: false };
  let patience: NodeJS.Timeout | undefined;
  /** First in good order: a suite may have to take down what no signal reaches, such as mounts. */
  const end = (): void => {
    child.kill('SIGTERM');
    patience ??= setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  const timer = setTimeout(() => {
    state.late = true;
    end();
  }, deadlineMs);
  interruptions.add(end);
  const status = await new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(String(code ?? signal)));
  });
  clearTimeout(timer);
  clearTimeout(patience);
  interruptions.delete(end);
  const survivors = processesWith(`BARNABAS_TEST_RUN=${marker}`);
  killAll(survivors.map((entry) => entry.pid));
  // Whoever had the pipes is dead by now, and what they wrote is there to be read to its end.
  const late = new AbortController();
  await Promise.race([closed, delay(5000, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();

  const faults: string[] = [];
  const summary = parseSummary(output);
  if (state.late) faults.push(`not finished after ${String(deadlineMs / 1000)} s`);
  else if (!summary) faults.push('ran no test: is `test.run()` missing?');
  else {
    if (summary.total === 0) faults.push('has no test');
    if (summary.skipped > 0) faults.push(`skips ${String(summary.skipped)} tests (.skip or .only left behind?)`);
    if (status !== '0' && summary.passed === summary.total) faults.push(`ended with ${status} after its tests`);
  }
  const left = survivors.filter(({ command }) => !isTranslator(command));
  if (left.length > 0) faults.push(`left processes behind: ${left.map(({ command }) => command).join(' | ')}`);
  const litter = readdirSync(temporary).filter((name) => !name.startsWith('tsx-') && !name.startsWith('hsperfdata'));
  if (litter.length > 0) faults.push(`left temporary files behind: ${litter.join(' ')}`);
  rmSync(temporary, { recursive: true, force: true });

  const failed = (summary ? summary.total - summary.passed : 0) + faults.length;
  if (failed > 0 && !values.verbose) process.stdout.write(output);
  return { passed: summary?.passed ?? 0, failed, faults };
}

async function main(): Promise<void> {
  const files = positionals.flatMap(testFiles);
  const queue = [...files];
  const interrupt = (): void => {
    queue.length = 0;
    for (const end of interruptions) end();
  };
  // The last when a terminal is closed, or a group that has stopped members loses its leader.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
  let passed = 0;
  let failed = 0;
  const startedAt = performance.now();
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const from = performance.now();
      const result = await runFile(file);
      passed += result.passed;
      failed += result.failed;
      const seconds = ((performance.now() - from) / 1000).toFixed(1);
      const counts = `${String(result.passed)} passed${result.failed > 0 ? `, ${String(result.failed)} FAILED` : ''}`;
      process.stdout.write(`${result.failed > 0 ? '✘' : '✔'} ${relative('.', file)}  ${counts}  ${seconds} s\n`);
      for (const fault of result.faults) process.stdout.write(`    ${fault}\n`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
  if (files.length === 0) {
    process.stdout.write(`no test file in: ${positionals.join(' ')}\n`);
    failed += 1;
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(
    `${String(files.length)} files, ${seconds} s\n${String(passed)} passed, ${String(failed)} failed\n`,
  );
  if (values.summary !== undefined) writeFileSync(values.summary, `${String(passed)} ${String(failed)}\n`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

await main();
