/** The layers below what the agent owns: defaults < template < `KAFKA_…` variables. */
import type { ReferencedFile } from './file-references.ts';
import { readVariableName, type VariableMeaning } from './names.ts';
import { parseProperties } from './parse.ts';

/** A property with where it comes from, for messages: `KAFKA_LISTENERS`, `server.properties:12`, `--zookeeper`. */
export interface Entry {
  readonly value: string;
  readonly source: string;
}

export type Entries = Map<string, Entry>;

/** Collects what is wrong, to be reported at once. */
export interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}

export interface Template {
  readonly source: string;
  readonly text: string;
}

type Environment = Readonly<Record<string, string>>;

/** `${NAME}` in a value is replaced by the variable; what does not look like a variable's name is left to Kafka. */
const reference = /\$\{([A-Z_][A-Z0-9_]*)\}/g;

export function readTemplate({ source, text }: Template, environment: Environment, findings: Findings): Entries {
  const { properties, problems } = parseProperties(text);
  findings.problems.push(...problems.map((problem) => `${source}:${problem}`));
  const entries: Entries = new Map();
  for (const { key, value, line } of properties) {
    const at = `${source}:${line}`;
    const filled = value.replace(reference, (whole, name: string) => {
      const found = environment[name];
      if (found === undefined) findings.problems.push(`${at}: ${whole} stands for a variable that is not set`);
      return found ?? whole;
    });
    entries.set(key, { value: filled, source: at });
  }
  return entries;
}

/** Keys for which an empty value says something. */
const mayBeEmpty = /(^|\.)ssl\.endpoint\.identification\.algorithm$/;

export interface Variables {
  readonly environment: Environment;
  readonly files: ReadonlyMap<string, ReferencedFile>;
}

export function readVariables({ environment, files }: Variables, findings: Findings): Entries {
  const entries: Entries = new Map();
  for (const name of Object.keys(environment).sort()) {
    const raw = environment[name] ?? '';
    const meaning = readVariableName(name, raw);
    if (meaning?.kind === 'problem') findings.problems.push(meaning.problem);
    if (meaning?.kind === 'ignored' && meaning.warning !== undefined) findings.warnings.push(meaning.warning);
    if (meaning?.kind !== 'key') continue;
    const value = valueOf(meaning, { name, raw, files }, findings);
    if (value === undefined) continue;
    const other = entries.get(meaning.key);
    if (other) findings.problems.push(`${other.source} and ${name} both set ${meaning.key}: remove one of them`);
    entries.set(meaning.key, { value, source: name });
  }
  return entries;
}

interface Given {
  readonly name: string;
  readonly raw: string;
  readonly files: Variables['files'];
}

/** Undefined where there is none. An empty variable is an unset one, as images bake them in. */
function valueOf(
  { key, from }: Extract<VariableMeaning, { kind: 'key' }>,
  { name, raw, files }: Given,
  findings: Findings,
): string | undefined {
  if (raw === '') {
    if (mayBeEmpty.test(key)) return raw;
    findings.warnings.push(`${name} is empty, so ${key} is left at Kafka's default`);
    return undefined;
  }
  if (from === 'value') return raw;
  const file = files.get(name);
  if (file?.problem === undefined) return file?.text.replace(/\r?\n$/, '');
  findings.problems.push(`${name}: ${file.path} ${file.problem}`);
  return undefined;
}
