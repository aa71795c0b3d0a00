/** Reads settings from flags and variables: the flag wins, and all that is wrong is reported at once. */
import { flagOf, settingsTable, variableOf, type Setting, type SettingName, type Settings } from './settings.ts';

export interface SettingsSource {
  /** What stood on the command line, by setting; a switch is a boolean. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ReadSettings<Name extends SettingName> {
  /** Where a value could not be read, its default: only to look for more problems. */
  readonly settings: Settings<Name>;
  readonly problems: readonly string[];
}

/** Reads the named settings. Unknown BARNABAS_ variables are problems too: a misspelt one must not be silent. */
export function readSettings<Name extends SettingName>(
  names: readonly Name[],
  { flags, environment }: SettingsSource,
): ReadSettings<Name> {
  const problems = unknownVariables(environment);
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const setting: Setting<unknown> = settingsTable[name];
    values[name] = setting.fallback;
    const found = find(name, flags, environment);
    if (!found) continue;
    const value = typeof found.value === 'boolean' ? found.value : parseOne(setting, found.value);
    if (isProblem(value)) problems.push(`${found.source}: ${value.problem}`);
    else values[name] = value;
  }
  return { settings: values as Settings<Name>, problems };
}

function parseOne(setting: Setting<unknown>, value: unknown): unknown {
  if (Array.isArray(value)) return setting.many ? parseMany(setting, value) : { problem: 'given more than once' };
  const given = String(value).trim();
  return given === '' ? { problem: 'is empty' } : setting.parse(given);
}

/** As one list with commas: what may not stand in it twice may not be given twice either. */
function parseMany(setting: Setting<unknown>, values: readonly unknown[]): unknown {
  const given = values.map((value) => String(value).trim());
  return given.includes('') ? { problem: 'is empty' } : setting.parse(given.join(','));
}

const isProblem = (value: unknown): value is { readonly problem: string } =>
  typeof value === 'object' && value !== null && 'problem' in value;

interface Found {
  readonly value: unknown;
  readonly source: string;
}

/** An empty variable is an unset one, as in a pod's manifest; an empty flag is a mistake. */
function find(
  name: SettingName,
  flags: SettingsSource['flags'],
  environment: SettingsSource['environment'],
): Found | undefined {
  const setting: Setting<unknown> = settingsTable[name];
  if (flags[name] !== undefined && !setting.secret) return { value: flags[name], source: flagOf(name) };
  for (const variable of [variableOf(name), ...(setting.also ?? [])]) {
    const value = environment[variable];
    if (value !== undefined && value.trim() !== '') return { value, source: variable };
  }
  return undefined;
}

/** Of the project's own scripts and tests, and of a Kubernetes Service that happens to be called barnabas. */
const notSettings = /^BARNABAS_(CACHE|TEST_.*|DEMO_.*|BENCH_.*|SERVICE_(HOST|PORT).*|PORT|PORT_\d+_(TCP|UDP).*)$/;

function unknownVariables(environment: SettingsSource['environment']): string[] {
  const known = new Set((Object.keys(settingsTable) as SettingName[]).map(variableOf));
  return Object.keys(environment)
    .filter((name) => name.startsWith('BARNABAS_') && !known.has(name) && !notSettings.test(name))
    .map((name) => `${name}: no such setting; \`barnabas --help\` lists them`);
}
