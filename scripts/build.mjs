// Builds the shipped agent into dist/: one bundle, the workers of its threads beside it, and the native lock binding.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
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

/** Packages that few commands need: each is a file of its own, which nobody reads before it is asked for. */
const lazyPackages = [
  'node-zookeeper-client',
  'cli-table3',
  'proper-lockfile',
  '@kubernetes/client-node',
  'prom-client',
  'kafkajs',
];
const lazyFiles = {
  name: 'lazy-files',
  setup(context) {
    const filter = new RegExp(`^(${lazyPackages.join('|')})$`);
    context.onResolve({ filter }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: `./lazy/${path}.js`, external: true },
    );
  },
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const entryPoints = { program: 'src/cli.ts', guard: 'src/guard.ts', elector: 'src/elector.ts' };
for (const name of lazyPackages) entryPoints[`lazy/${name}`] = name;
const result = await build({
  absWorkingDir: root,
  entryPoints,
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
  define: { BARNABAS_VERSION: JSON.stringify(version) },
  // The ESM build of yargs comes with a line wrapper that cuts words in two.
  alias: { yargs: join(root, 'node_modules/yargs/index.cjs') },
  plugins: [nativeBinding, lazyFiles],
});
await writeFile(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
for (const platform of platforms) {
  const binding = join('prebuilds', platform, 'fs-native-extensions.node');
  await cp(join(root, 'node_modules/fs-native-extensions', binding), join(dist, binding));
}
await launch();
await writeFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), await licences(result.metafile));

/** The launcher, and the program under a name that carries its hash, with the code cache of one real claim. */
async function launch() {
  const source = await readFile(join(dist, 'program.js'), 'utf8');
  const name = `program-${createHash('sha256').update(source).digest('hex').slice(0, 12)}.js`;
  await rename(join(dist, 'program.js'), join(dist, name));
  const launcher = await readFile(join(root, 'scripts/launcher.cjs'), 'utf8');
  await writeFile(join(dist, 'barnabas.js'), launcher.replace('PROGRAM', name));
  await chmod(join(dist, 'barnabas.js'), 0o755);
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/make-code-cache.cjs'), join(dist, name)], {
    env: {},
  });
  // On a system where the agent itself does not run, such as macOS, it is built without.
  if (status !== 0) console.error('built without a code cache: the program starts a little slower');
}

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
