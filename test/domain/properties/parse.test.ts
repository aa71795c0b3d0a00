import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { formatProperty } from '../../../src/domain/properties/escape.ts';
import { parseProperties } from '../../../src/domain/properties/parse.ts';

const test = suite('properties text');

const pairsOf = (text: string) => parseProperties(text).properties.map(({ key, value, line }) => [key, value, line]);

const table: readonly (readonly [string, string, readonly (readonly [string, string, number])[]])[] = [
  ['a plain line', 'a.b=c d', [['a.b', 'c d', 1]]],
  ['blanks around the separator', ' a.b  =  c ', [['a.b', 'c ', 1]]],
  ['a colon', 'a: b', [['a', 'b', 1]]],
  ['a separator in the value', 'a=b=c:d', [['a', 'b=c:d', 1]]],
  ['an empty value', 'a=', [['a', '', 1]]],
  ['comments and blank lines', '# x=1\n  ! y=2\n\n \na=b', [['a', 'b', 5]]],
  ['a # that begins no line', 'a=b # c', [['a', 'b # c', 1]]],
  [
    'a continued line',
    'a=b,\\\n   c\nd=e',
    [
      ['a', 'b,c', 1],
      ['d', 'e', 3],
    ],
  ],
  ['a continued line that looks like a comment', 'a=b\\\n#c', [['a', 'b#c', 1]]],
  ['a last line that goes on to nowhere', 'a=b\\', [['a', 'b', 1]]],
  [
    'two backslashes at the end',
    'a=b\\\\\nc=d',
    [
      ['a', 'b\\', 1],
      ['c', 'd', 2],
    ],
  ],
  ['escapes', 'a\\ b\\:\\==\\t\\n\\\\\\u00e9\\q', [['a b:=', '\t\n\\éq', 1]]],
  ['a backslash before u', 'a=\\\\u12', [['a', '\\u12', 1]]],
  [
    'Windows line ends and a byte order mark',
    '\uFEFFa=b\r\nc=d\r\n',
    [
      ['a', 'b', 1],
      ['c', 'd', 2],
    ],
  ],
];
for (const [name, text, expected] of table) {
  test(name, () => {
    assert.equal(pairsOf(text), expected);
    assert.equal(parseProperties(text).problems, []);
  });
}

for (const [name, text, problem] of [
  ['no separator', 'a=b\njust words\n', '2: is no property: KEY=VALUE is expected'],
  ['no key', '=b', '1: has no key before the ='],
  ['half an escape', 'a=\\u12', '1: has an escape that is none: \\u takes four hexadecimal digits'],
  ['a key given twice', 'a=1\nb=2\na=3', '3: a is set a second time (first on line 1)'],
  ['binary', 'a=\0', '1: has a NUL character: is it a properties file at all?'],
] as const) {
  test(`${name} is a mistake`, () => {
    const { problems } = parseProperties(text);
    assert.equal(problems, [problem]);
  });
}

test('every mistake is found', () => {
  assert.equal(
    parseProperties('x\na=1\ny\n').problems.map((problem) => problem.split(':')[0]),
    ['1', '3'],
  );
});

test('whatever is written is read back the same, on one line of printable ASCII', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((value) => !value.includes('\0'));
  fc.assert(
    fc.property(
      text.filter((key) => key !== ''),
      text,
      (key, value) => {
        const line = formatProperty(key, value);
        assert.match(line, /^[\x20-\x7e]*$/);
        assert.equal(pairsOf(`first=1\n${line}\nlast=2`).slice(0, -1), [
          ['first', '1', 1],
          [key, value, 2],
        ]);
      },
    ),
  );
});

test.run();
