/** What a text that changes looks like, on a terminal and off it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { backOver, fitting } from '../../src/process/frames.ts';

const test = suite('frames');
const terminal = { columns: 10, rows: 5 };

for (const [name, frame, lines] of [
  ['a line', 'abc', 1],
  ['an empty line', 'a\n\nb', 3],
  ['a line that just fits', '0123456789', 1],
  ['a line that takes two', '0123456789x', 2],
  ['colours take no room', '\u001b[31m0123456789\u001b[39m', 1],
] as const) {
  test(`${name} is taken back whole`, () => assert.is(backOver(frame, terminal), `\u001b[${lines}A\u001b[0J`));
}

test('what is higher than the terminal is cut, and told so', () => {
  assert.is(fitting('1\n2\n3\n4', terminal), '1\n2\n3\n4');
  assert.is(fitting('1\n2\n3\n4\n5', terminal), '1\n2\n3\n… 2 more lines');
  assert.is(fitting('1\n0123456789x\n3\n4', terminal), '1\n0123456789x\n… 2 more lines');
});

test.run();
