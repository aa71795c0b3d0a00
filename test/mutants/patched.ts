/** Bundles a program with some of the sources changed, and runs it. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Patch } from './table.ts';

const root = resolve(import.meta.dirname, '../..');

export interface Run {
  readonly status: number | null;
  readonly output: string;
}

export interface Program {
  /** TypeScript, with paths from the project's root. */
  readonly source: string;
  readonly words?: readonly string[];
}

/** Throws if a patch does not fit: its text must stand in the file just once. */
export async function runPatched(
  { source, words = [] }: Program,
  patches: readonly Patch[],
  deadlineMs: number,
): Promise<Run> {
  const directory = await mkdtemp(join(root, 'node_modules/.cache-mutant-'));
  try {
    const outfile = join(directory, 'program.mjs');
    await build({
      stdin: { contents: source, resolveDir: root, loader: 'ts' },
      ...{ outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent', packages: 'external' },
      plugins: [patching(patches)],
    });
    return await run([outfile, ...words], deadlineMs);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const patching = (patches: readonly Patch[]): Plugin => ({
  name: 'patching',
  setup(context) {
    context.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
      const mine = patches.filter(([file]) => path === join(root, 'src', file));
      return { contents: mine.reduce(apply, readFileSync(path, 'utf8')), loader: 'ts' };
    });
  },
});

function apply(source: string, [file, text, instead]: Patch): string {
  const parts = source.split(text);
  if (parts.length !== 2) throw new Error(`${file} has this ${parts.length - 1} times, and not once: ${text}`);
  return parts.join(instead);
}

function run(words: readonly string[], deadlineMs: number): Promise<Run> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], timeout: deadlineMs });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', fail);
    child.once('close', (status) => done({ status, output }));
  });
}
