/** Reads what brokers want to see of us: certificates, keys, passwords. What can't be read or used is told before any is asked. */
import { readFile } from 'node:fs/promises';
import { createSecureContext, type ConnectionOptions } from 'node:tls';
import type { SASLOptions } from 'kafkajs';
import { planAccess, type SaslPlan, type Source, type TlsPlan } from '../domain/kafka-access.ts';
import { parseProperties } from '../domain/properties/parse.ts';
import { BarnabasError } from '../errors.ts';
import type { KafkaAccess } from '../ports-kafka.ts';
import type { Way } from './link.ts';

/** Throws BarnabasError('settings-invalid') with all that is wrong. */
export async function readAccess(access: KafkaAccess | undefined): Promise<Pick<Way, 'tls' | 'sasl'>> {
  if (!access) return {};
  const properties = await readCommandConfig(access.commandConfig);
  const { tls, sasl, problems } = planAccess(properties, access);
  if (problems.length > 0) throw invalid(problems);
  return { tls: tls && (await readTls(tls)), sasl: sasl && (await readSasl(sasl)) };
}

const invalid = (problems: readonly string[]): BarnabasError =>
  new BarnabasError('settings-invalid', `how brokers let us in is not clear:\n  ${problems.join('\n  ')}`);

async function readCommandConfig(path: string | undefined): Promise<ReadonlyMap<string, string>> {
  if (path === undefined) return new Map();
  const { properties, problems } = parseProperties((await readSource({ said: '--command-config', path })).toString());
  // The problem of a line tells a key at most, never a value.
  if (problems.length > 0) throw invalid(problems.map((problem) => `${path}:${problem}`));
  return new Map(properties.map(({ key, value }) => [key, value]));
}

async function readSource(source: Source): Promise<Buffer> {
  if ('text' in source) return Buffer.from(source.text);
  try {
    return await readFile(source.path);
  } catch (error) {
    throw invalid([
      `${source.said}: cannot read ${source.path} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
    ]);
  }
}

async function readSasl({ mechanism, user, password }: SaslPlan): Promise<SASLOptions> {
  const secret = (await readSource(password)).toString();
  // A file of one line ends with its end.
  const text = 'path' in password ? secret.replace(/\r?\n$/, '') : secret;
  if (text === '') throw invalid([`${password.said}: the password is empty`]);
  const name = mechanism.toLowerCase() as Lowercase<typeof mechanism>;
  return { mechanism: name, username: user, password: text };
}

async function readTls(plan: TlsPlan): Promise<ConnectionOptions> {
  const options = { ...(await readTrust(plan.ca)), ...(await readOwn(plan)) };
  try {
    createSecureContext(options);
  } catch (error) {
    throw unusable(plan, error as Error);
  }
  return { ...options, ...(!plan.verifiesHost && { checkServerIdentity: () => undefined }) };
}

async function readTrust(source: Source | undefined): Promise<Pick<ConnectionOptions, 'ca'>> {
  if (!source) return {};
  const ca = await readSource(source);
  const kind = kindOf(ca);
  if (kind === 'pem') return { ca };
  const how = 'keytool -list -rfc -keystore FILE > ca.pem` writes it as one';
  throw invalid([`${source.said}: whom to trust must be in PEM, and this is ${names[kind]}: \`${how}`]);
}

async function readOwn({ cert: source, key, passwords }: TlsPlan): Promise<ConnectionOptions> {
  if (!source) return {};
  const cert = await readSource(source);
  const kind = kindOf(cert);
  const { key: keyPassword, keystore } = passwords;
  if (kind === 'pkcs12') return { pfx: cert, ...withPassword(keystore ?? keyPassword) };
  if (kind === 'pem') return { cert, key: key ? await readSource(key) : cert, ...withPassword(keyPassword) };
  const how =
    'keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12` makes it the latter';
  throw invalid([`${source.said}: our certificate must be in PEM or PKCS12, and this is ${names[kind]}: \`${how}`]);
}

const withPassword = (passphrase: string | undefined): ConnectionOptions =>
  passphrase === undefined ? {} : { passphrase };

type Kind = 'pem' | 'pkcs12' | 'jks' | 'other';
const names = { pkcs12: 'PKCS12', jks: "Java's JKS", other: 'neither' } as const;

/** By what it begins with: Kafka's `…store.type` says no more. */
function kindOf(bytes: Buffer): Kind {
  if (bytes.includes('-----BEGIN ')) return 'pem';
  if (bytes.length > 4 && bytes.readUInt32BE() === 0xfeedfeed) return 'jks';
  return bytes[0] === 0x30 ? 'pkcs12' : 'other';
}

/** OpenSSL's words for it have no secret. */
function unusable({ ca, cert, key }: TlsPlan, { message }: Error): BarnabasError {
  const said = [cert, key, ca].flatMap((source) => source?.said ?? []).join(', ');
  const isPassword =
    /mac verify failure|bad decrypt|bad password|interrupted or cancelled|no password|processing error/i.test(message);
  const hint = isPassword ? '; is ssl.key.password or ssl.keystore.password right?' : '';
  return invalid([`${said}: can not be used for TLS (${message})${hint}`]);
}
