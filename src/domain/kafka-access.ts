/**
 * How brokers let clients in: from the properties that Kafka's own tools take, and the flags over them, to what a
 * connection needs. Nothing of a secret stands in a problem.
 */
import { readJaas } from './jaas.ts';

export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

export interface AccessFlags {
  readonly securityProtocol?: SecurityProtocol | undefined;
  readonly tlsCa?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly saslMechanism?: SaslMechanism | undefined;
  readonly saslUser?: string | undefined;
  readonly saslPassword?: string | undefined;
  readonly saslPasswordFile?: string | undefined;
}

/** Where something is read, by the name of what says so. */
export type Source =
  { readonly said: string; readonly path: string } | { readonly said: string; readonly text: string };

export interface TlsPlan {
  /** Undefined: whom Node.js trusts. */
  readonly ca: Source | undefined;
  /** Of ours: PEM, or PKCS12 that has the key, too. */
  readonly cert: Source | undefined;
  /** PEM; where the certificate is, if not given. */
  readonly key: Source | undefined;
  readonly passwords: { readonly key: string | undefined; readonly keystore: string | undefined };
  readonly verifiesHost: boolean;
}

export interface SaslPlan {
  readonly mechanism: SaslMechanism;
  readonly user: string;
  readonly password: Source;
}

export interface AccessPlan {
  readonly tls: TlsPlan | undefined;
  readonly sasl: SaslPlan | undefined;
  readonly problems: readonly string[];
}

/** `properties`: of the file, by key. */
export function planAccess(properties: ReadonlyMap<string, string>, flags: AccessFlags): AccessPlan {
  const problems: string[] = unresolved(properties);
  const protocol = protocolOf(properties, flags);
  if (typeof protocol !== 'string')
    return { tls: undefined, sasl: undefined, problems: [...problems, protocol.problem] };
  const hasTls = protocol.endsWith('SSL');
  const hasSasl = protocol.startsWith('SASL');
  if (!hasTls) problems.push(...misplaced(flags, tlsFlags, `SSL or SASL_SSL, and it is ${protocol}`));
  if (!hasSasl) problems.push(...misplaced(flags, saslFlags, `SASL_SSL or SASL_PLAINTEXT, and it is ${protocol}`));
  const tls = hasTls ? planTls(properties, flags) : undefined;
  if (tls && flags.tlsKey !== undefined && flags.tlsCert === undefined) problems.push('--tls-key: takes --tls-cert');
  const sasl = hasSasl ? planSasl(properties, flags) : undefined;
  if (Array.isArray(sasl)) return { tls, sasl: undefined, problems: [...problems, ...sasl] };
  return { tls, sasl, problems };
}

const protocols: readonly string[] = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];

function protocolOf(
  properties: ReadonlyMap<string, string>,
  { securityProtocol }: AccessFlags,
): SecurityProtocol | { readonly problem: string } {
  const given = securityProtocol ?? properties.get('security.protocol') ?? 'PLAINTEXT';
  if (protocols.includes(given)) return given as SecurityProtocol;
  return { problem: `security.protocol: "${given}" is none of ${protocols.join(', ')}` };
}

/** Kafka's clients would ask a config provider. */
const unresolved = (properties: ReadonlyMap<string, string>): string[] =>
  [...properties]
    .filter(([key, value]) => /^(sasl|ssl|security)\./.test(key) && /\$\{[^}]*:[^}]*\}/.test(value))
    .map(([key]) => `${key}: refers to a config provider, which is not asked here; write the value itself`);

const tlsFlags = { tlsCa: '--tls-ca', tlsCert: '--tls-cert', tlsKey: '--tls-key' } as const;
const saslFlags = {
  saslMechanism: '--sasl-mechanism',
  saslUser: '--sasl-user',
  saslPasswordFile: '--sasl-password-file',
} as const;

const misplaced = (flags: AccessFlags, names: Readonly<Partial<Record<keyof AccessFlags, string>>>, wants: string) =>
  Object.entries(names)
    .filter(([name]) => flags[name as keyof AccessFlags] !== undefined)
    .map(([, flag]) => `${flag}: takes --security-protocol ${wants}`);

function planTls(properties: ReadonlyMap<string, string>, { tlsCa, tlsCert, tlsKey }: AccessFlags): TlsPlan {
  const file = (said: string, path: string | undefined): Source | undefined =>
    path === undefined ? undefined : { said, path };
  const text = (said: string): Source | undefined => {
    const pem = properties.get(said);
    return pem === undefined ? undefined : { said, text: pem };
  };
  const location = (said: string): Source | undefined => file(said, properties.get(said));
  const ca = file('--tls-ca', tlsCa) ?? text('ssl.truststore.certificates') ?? location('ssl.truststore.location');
  const cert =
    file('--tls-cert', tlsCert) ?? text('ssl.keystore.certificate.chain') ?? location('ssl.keystore.location');
  const key = file('--tls-key', tlsKey) ?? (tlsCert === undefined ? text('ssl.keystore.key') : undefined);
  const passwords = { key: properties.get('ssl.key.password'), keystore: properties.get('ssl.keystore.password') };
  return { ca, cert, key, passwords, verifiesHost: properties.get('ssl.endpoint.identification.algorithm') !== '' };
}

/** Or what is wrong with it. */
function planSasl(properties: ReadonlyMap<string, string>, flags: AccessFlags): SaslPlan | string[] {
  const jaas = readJaas(properties.get('sasl.jaas.config'));
  const problems = [...jaas.problems];
  const mechanism = mechanismOf(flags.saslMechanism ?? properties.get('sasl.mechanism'));
  if (mechanism === undefined) {
    problems.push(
      `--sasl-mechanism or sasl.mechanism: give one of ${mechanisms.join(', ')}; others are not known here`,
    );
  }
  const user = flags.saslUser ?? jaas.user;
  if (user === undefined) problems.push('--sasl-user or sasl.jaas.config: give the user');
  const password =
    passwordOf(flags) ?? (jaas.password === undefined ? undefined : asText('sasl.jaas.config', jaas.password));
  if (password === undefined) {
    problems.push('--sasl-password-file, BARNABAS_SASL_PASSWORD or sasl.jaas.config: give the password');
  }
  if (mechanism === undefined || user === undefined || password === undefined || problems.length > 0) return problems;
  return { mechanism, user, password };
}

const mechanisms: readonly SaslMechanism[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];
const mechanismOf = (given: string | undefined): SaslMechanism | undefined => mechanisms.find((each) => each === given);

const asText = (said: string, text: string): Source => ({ said, text });

function passwordOf({ saslPassword, saslPasswordFile }: AccessFlags): Source | undefined {
  if (saslPasswordFile !== undefined) return { said: '--sasl-password-file', path: saslPasswordFile };
  return saslPassword === undefined ? undefined : asText('BARNABAS_SASL_PASSWORD', saslPassword);
}
