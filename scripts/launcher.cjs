#!/usr/bin/env node
// Starts the program with V8's code cache beside it, which the build made with its own Node.js: a third less time until
// a claim. V8 refuses a cache of another version or of other flags by itself, and compiles then. The names carry the hash
// of the program, so that a cache never meets another program (docs/decisions/0007).
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

const filename = `${__dirname}/PROGRAM`;
let cachedData;
try {
  cachedData = readFileSync(`${filename}.cache`);
} catch {
  // Without it the same program starts a little slower.
}
const script = new Script(require('node:module').wrap(readFileSync(filename, 'utf8')), { filename, cachedData });
script.runInThisContext()(exports, require, module, filename, __dirname);
