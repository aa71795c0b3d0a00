/** One real broker with a listener for each kind of access, certificates for them, and ways in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { parseAddresses } from '../../../src/domain/broker-address.ts';
import { readAccess } from '../../../src/kafka/access.ts';
import { openKafkaAdmin } from '../../../src/kafka/kafka-admin.ts';
import type { KafkaAccess, KafkaAdmin } from '../../../src/ports-kafka.ts';
import { makeAuthority, type Certificates } from './certificates.ts';
import { startKafka, type Properties, type RunningKafka } from './kafka.ts';
import { recordLog } from './scene.ts';

export interface AccessScene {
  readonly directory: string;
  readonly kafka: RunningKafka;
  readonly host: string;
  readonly ours: Certificates;
  readonly others: Certificates;
  clear(): Promise<void>;
}

export const ports = { plain: 9092, tls: 9094, mtls: 9095, sasl: 9096, sasltls: 9097, othername: 9098 } as const;
export type Listener = keyof typeof ports;

/** Of PLAIN. Kafka's formatting takes no such letters for SCRAM. */
export const secrets = { reader: 'reader-secret', admin: 'admin, "secret" = 1\\2' };
export const scramSecret = 'scram-secret=1';
export const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
export const escaped = (text: string): string => text.replaceAll('\\', '\\\\');

/** On failure nothing is left behind. */
export async function setAccessScene(): Promise<AccessScene> {
  const directory = mkdtempSync(join(tmpdir(), 'barnabas-access-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const ours = makeAuthority(directory, 'ours');
    const others = makeAuthority(directory, 'others');
    ours.issue('client', 'DNS:client');
    others.issue('stranger', 'DNS:stranger');
    const othername = ours.issue('othername', 'DNS:elsewhere');
    const kafka = await startKafka({
      ...{ version: '4.3.1', mode: 'kraft', brokers: 1 },
      format: ['--add-scram', `SCRAM-SHA-256=[name=admin,password=${scramSecret}]`],
      properties: ({ host }) => ({
        ...listeners(host),
        ...tls(ours.issue('broker', `IP:${host}`), ours.ca),
        'listener.name.othername.ssl.keystore.location': othername,
        'listener.name.mtls.ssl.client.auth': 'required',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS;User:admin;User:CN=client',
      }),
    });
    const clear = async (): Promise<void> => {
      await kafka.clear();
      remove();
    };
    return { directory, kafka, host: kafka.hosts.get(1) ?? '', ours, others, clear };
  } catch (error) {
    remove();
    throw error;
  }
}

function listeners(host: string): Properties {
  const plainUsers = Object.entries(secrets).map(([name, password]) => `user_${name}=${quoted(password)}`);
  const modules = {
    plain: `org.apache.kafka.common.security.plain.PlainLoginModule required ${plainUsers.join(' ')};`,
    'scram-sha-256': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  };
  const jaas = ['sasl', 'sasltls'].flatMap((listener) =>
    Object.entries(modules).map(
      ([mechanism, module]) => [`listener.name.${listener}.${mechanism}.sasl.jaas.config`, escaped(module)] as const,
    ),
  );
  return {
    listeners: [
      ...Object.entries(ports).map(
        ([name, port]) => `${name === 'plain' ? 'PLAINTEXT' : name.toUpperCase()}://${host}:${port}`,
      ),
      `CONTROLLER://${host}:9093`,
    ].join(','),
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,MTLS:SSL,OTHERNAME:SSL,SASL:SASL_PLAINTEXT,SASLTLS:SASL_SSL',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
    ...Object.fromEntries(jaas),
  };
}

const tls = (keystore: string, truststore: string): Properties => ({
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': keystore,
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.location': truststore,
});

export const noAccess: KafkaAccess = {
  ...{ commandConfig: undefined, securityProtocol: undefined, tlsCa: undefined, tlsCert: undefined, tlsKey: undefined },
  ...{ saslMechanism: undefined, saslUser: undefined, saslPassword: undefined, saslPasswordFile: undefined },
};

export async function withAdmin<T>(
  bootstrap: string,
  access: Partial<KafkaAccess>,
  work: (admin: KafkaAdmin) => Promise<T>,
): Promise<T> {
  const way = await readAccess({ ...noAccess, ...access });
  const reach = { ...way, bootstrap: () => Promise.resolve(parseAddresses(bootstrap)) };
  const admin = openKafkaAdmin({ reach, log: recordLog() });
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

/** Through the listener, as the broker's metadata tells of it: its log dirs are asked of that address. */
export const entered = async (admin: KafkaAdmin): Promise<void> => {
  const look = await admin.look();
  assert.is(look.kind, 'seen', JSON.stringify(look));
  assert.is((await admin.describeLogDirs(1)).length, 1);
};

/** Thrown where no retry mends it; else told by the look. */
export async function whyNot(admin: KafkaAdmin): Promise<string> {
  const look = await admin
    .look()
    .catch((error: unknown) => ({ kind: 'unseen', why: (error as Error).message }) as const);
  return look.kind === 'unseen' ? look.why : 'nothing was wrong';
}
