/** What we write, Java reads the same; what Java reads, we read the same. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { formatProperty } from '../../src/domain/properties/escape.ts';
import { parseProperties } from '../../src/domain/properties/parse.ts';

const test = suite('properties as Java reads them');

function loadInJava(text: string): Map<string, string> {
  const program = join(import.meta.dirname, 'LoadProperties.java');
  const output = execFileSync('java', [program], { input: Buffer.from(text, 'latin1'), encoding: 'utf8' });
  const decode = (hex = ''): string => Buffer.from(hex, 'hex').swap16().toString('utf16le');
  const lines = output.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => line.split('=')).map(([key, value]) => [decode(key), decode(value)]));
}

test('every key and value survives the way to Java', () => {
  // Lone surrogates have no UTF-16 that Java would print, and no place in a configuration.
  const text = fc.string({ unit: 'grapheme', maxLength: 20 });
  const wild = fc.string({
    unit: fc.constantFrom(' ', '=', ':', '#', '!', '\\', '\t', '\n', '\r', '\f', 'u', '0', 'é', '€', '😀'),
    maxLength: 12,
  });
  const pairs = fc.sample(fc.tuple(fc.oneof(text, wild), fc.oneof(text, wild)), 3000);
  const expected = new Map(pairs.filter(([key]) => key !== ''));
  const file = [...expected].map(([key, value]) => formatProperty(key, value)).join('\n');
  const read = loadInJava(`${file}\n`);
  assert.is(read.size, expected.size);
  for (const [key, value] of expected) assert.is(read.get(key), value, JSON.stringify(key));
});

test('a template means to us what it means to Java', () => {
  const template = [
    ...[
      '# comment',
      '! comment',
      'a = 1',
      'b: 2 ',
      'c\\ d=3',
      'e=\\u00e9\\t\\\\',
      'f=one,\\',
      '   two',
      'g=x=y:z',
      'h=',
    ],
    ...['i=#no comment', 'j\\:k=l', '\\#m=n', 'o=\\q'],
  ].join('\n');
  const { properties, problems } = parseProperties(template);
  assert.equal(problems, []);
  const ours = new Map(properties.map(({ key, value }) => [key, value]));
  assert.equal(Object.fromEntries(ours), Object.fromEntries(loadInJava(template)));
});

test.run();
