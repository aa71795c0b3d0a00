/**
 * Reads a Java properties file, more strictly than Java does: a line without `=` or `:`, a key given twice, an escape
 * that is none are mistakes in a template, and Kafka would run with what is left. Format: java.util.Properties.load.
 */

export interface Property {
  readonly key: string;
  readonly value: string;
  /** The first of its lines, from 1. */
  readonly line: number;
}

export interface ParsedProperties {
  readonly properties: readonly Property[];
  /** Each begins with the number of its line, as in `12: …`. */
  readonly problems: readonly string[];
}

interface LogicalLine {
  readonly text: string;
  readonly line: number;
}

export function parseProperties(text: string): ParsedProperties {
  const properties: Property[] = [];
  const problems: string[] = [];
  const lines = new Map<string, number>();
  for (const logical of logicalLines(text)) {
    const read = readProperty(logical);
    if (typeof read === 'string') {
      problems.push(`${logical.line}: ${read}`);
      continue;
    }
    const first = lines.get(read.key);
    if (first !== undefined)
      problems.push(`${logical.line}: ${read.key} is set a second time (first on line ${first})`);
    lines.set(read.key, logical.line);
    properties.push(read);
  }
  return { properties, problems };
}

/** Without comments and blank lines; lines that end in an odd number of backslashes go on in the next. */
function logicalLines(text: string): LogicalLine[] {
  const found: LogicalLine[] = [];
  let open: { text: string; line: number } | undefined;
  for (const [index, natural] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const content = natural.replace(/^[ \t\f]+/, '');
    if (!open && /^([#!]|$)/.test(content)) continue;
    const current = open ?? { text: '', line: index + 1 };
    const goesOn = /(^|[^\\])(\\\\)*\\$/.test(content);
    current.text += goesOn ? content.slice(0, -1) : content;
    open = goesOn ? current : undefined;
    if (!goesOn) found.push(current);
  }
  if (open) found.push(open);
  return found;
}

/** The property, or what is wrong with the line. */
function readProperty({ text, line }: LogicalLine): Property | string {
  const match = /^((?:[^\\=: \t\f]|\\.)*)[ \t\f]*[=:][ \t\f]*(.*)$/su.exec(text);
  if (!match) return 'is no property: KEY=VALUE is expected';
  const key = unescape(match[1] ?? '');
  const value = unescape(match[2] ?? '');
  if (key === undefined || value === undefined) return 'has an escape that is none: \\u takes four hexadecimal digits';
  if (key === '') return 'has no key before the =';
  if (/\0/.test(key + value)) return 'has a NUL character: is it a properties file at all?';
  return { key, value, line };
}

const named: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/** Undefined for a `\u` without its four digits. */
function unescape(text: string): string | undefined {
  if (/(^|[^\\])(\\\\)*\\u(?![0-9a-fA-F]{4})/.test(text)) return undefined;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.)|$)/gs, (_, digits?: string, letter?: string) =>
    digits === undefined ? (named[letter ?? ''] ?? letter ?? '') : String.fromCharCode(parseInt(digits, 16)),
  );
}
