/** Settings of the way to the brokers, and of how they let us in. Part of the one table in settings.ts. */
import type { SaslMechanism, SecurityProtocol } from './domain/kafka-access.ts';
import { addresses, oneOf, text } from './parse-setting.ts';

const unset = undefined;

export const accessSettings = {
  bootstrap: {
    parse: addresses,
    placeholder: 'HOST:PORT[,…]',
    fallback: unset,
    fallbackText: "through Kubernetes' API to the brokers' pods",
    help: 'brokers to ask directly, where they and the others can be reached from here',
  },
  commandConfig: {
    parse: text,
    placeholder: 'FILE',
    fallback: unset,
    help: "how brokers let us in: a properties file as Kafka's own tools take it; flags go over it",
  },
  securityProtocol: {
    parse: oneOf<SecurityProtocol>('PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'),
    placeholder: 'PROTOCOL',
    fallback: unset,
    fallbackText: 'PLAINTEXT',
    help: "what the brokers' listener speaks: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
  },
  tlsCa: {
    parse: text,
    placeholder: 'FILE',
    fallback: unset,
    fallbackText: 'the authorities that Node.js knows',
    help: "PEM: who signed the brokers' certificates",
  },
  tlsCert: { parse: text, placeholder: 'FILE', fallback: unset, help: 'PEM: our certificate, with those between' },
  tlsKey: { parse: text, placeholder: 'FILE', fallback: unset, help: 'PEM: the private key of our certificate' },
  saslMechanism: {
    parse: oneOf<SaslMechanism>('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'),
    placeholder: 'MECHANISM',
    fallback: unset,
    help: 'PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512',
  },
  saslUser: { parse: text, placeholder: 'NAME', fallback: unset, help: 'who we are, for SASL' },
  saslPasswordFile: {
    parse: text,
    placeholder: 'FILE',
    fallback: unset,
    fallbackText: 'the variable BARNABAS_SASL_PASSWORD',
    help: "the file that has the user's password",
  },
  saslPassword: { parse: text, placeholder: 'TEXT', fallback: unset, secret: true, help: "the user's password" },
} as const;
