/** `sasl.jaas.config` of Kafka's clients: `MODULE required username="…" password="…";` */

export interface Jaas {
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly problems: readonly string[];
}

const nothing: Jaas = { user: undefined, password: undefined, problems: [] };
const bad = (why: string): Jaas => ({ ...nothing, problems: [`sasl.jaas.config: ${why}`] });

/** Nothing of the text stands in a problem: it has a password. */
export function readJaas(text: string | undefined): Jaas {
  if (text === undefined) return nothing;
  const match = /^\s*([\w.]+)\s+(?:required|requisite|sufficient|optional)\b((?:[^";]|"(?:[^"\\]|\\.)*")*);\s*$/s.exec(
    text,
  );
  if (!match) return bad('MODULE required username="…" password="…"; is expected');
  const [, module = '', words = ''] = match;
  if (!/\.(Plain|Scram)LoginModule$/.test(module)) {
    return bad('the PlainLoginModule or the ScramLoginModule is expected; others are not known here');
  }
  const options = readOptions(words);
  if (options.get('tokenauth') === 'true') return bad('delegation tokens are not known here');
  return { user: options.get('username'), password: options.get('password'), problems: [] };
}

function readOptions(words: string): ReadonlyMap<string, string> {
  const options = [...words.matchAll(/([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/gs)];
  return new Map(options.map(([, name = '', quoted, bare]) => [name, quoted?.replace(/\\(.)/gs, '$1') ?? bare ?? '']));
}
