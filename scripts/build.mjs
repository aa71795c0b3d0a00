// Builds the shipped agent into dist/: one bundle, the guard's worker beside it, and the native lock binding.
import { cp, mkdir, readFile, rm, writeFile, chmod, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
/** The agent runs on Linux only; fs-native-extensions ships these two. */
const platforms = ['linux-x64', 'linux-arm64'];
const version = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version;

/** fs-native-extensions finds its binding through its own package.json, which a bundle does not have. */
const nativeBinding = {
  name: 'native-binding',
  setup(context) {
    context.onLoad({ filter: /fs-native-extensions\/binding\.js$/ }, () => ({
      contents:
        'module.exports = require(require("node:path").join(__dirname, "prebuilds", process.platform + "-" + process.arch, "fs-native-extensions.node"));',
    }));
  },
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const result = await build({
  absWorkingDir: root,
  entryPoints: { barnabas: 'src/cli.ts', guard: 'src/guard.ts' },
  outdir: dist,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs', // CommonJS starts faster than ESM, and what is behind import() is still evaluated only when asked for
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  banner: { js: '#!/usr/bin/env node' },
  define: { BARNABAS_VERSION: JSON.stringify(version) },
  // The ESM build of yargs comes with a line wrapper that cuts words in two.
  alias: { yargs: join(root, 'node_modules/yargs/index.cjs') },
  plugins: [nativeBinding],
});
await writeFile(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
await chmod(join(dist, 'barnabas.js'), 0o755);
for (const platform of platforms) {
  const binding = join('prebuilds', platform, 'fs-native-extensions.node');
  await cp(join(root, 'node_modules/fs-native-extensions', binding), join(dist, binding));
}
await writeFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), await licences(result.metafile));

/** The licence of every package that went into the bundle. */
async function licences(metafile) {
  const packages = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const match = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) packages.add(match[1]);
  }
  const parts = [];
  for (const name of [...packages].sort()) {
    const folder = join(root, 'node_modules', name);
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const text = file ? await readFile(join(folder, file), 'utf8') : `License: ${manifest.license}`;
    parts.push(`${name} ${manifest.version}\n\n${text.trim()}\n`);
  }
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}
