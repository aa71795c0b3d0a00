// Runs one claim of the built program on a volume of its own, and keeps the code that V8 compiled for it.
// Usage: node make-code-cache.cjs DIST/program-….js
const { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const filename = process.argv[2];
const place = mkdtempSync(join(tmpdir(), 'barnabas-build-'));
const volume = join(place, 'volume');
mkdirSync(volume);
process.argv.splice(2, 1, 'claim', '--volume', volume, '--config-out', join(place, 'server.properties'), '--json');
process.env.POD_UID = 'build';
const script = new Script(wrap(readFileSync(filename, 'utf8')), { filename });
process.once('exit', (status) => {
  rmSync(place, { recursive: true });
  if (status === 0) writeFileSync(`${filename}.cache`, script.createCachedData());
});
script.runInThisContext()({}, createRequire(filename), module, filename, dirname(filename));
