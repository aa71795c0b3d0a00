/** What a connection to a broker failed of, in words that name what to change. Never with a secret in it. */
import { BarnabasError } from '../errors.ts';
import type { Way } from './link.ts';

/** How far it came: until then no request of ours was answered. */
export type Stage = 'connecting' | 'asking' | 'serving';

export interface FailedLink {
  /** `host:port` */
  readonly address: string;
  readonly stage: Stage;
  readonly way: Pick<Way, 'tls' | 'sasl'>;
  /** Of what the other side sent first. */
  readonly firstByte: number | undefined;
}

/** As kafkajs and Node.js throw it. */
interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  readonly type?: string;
}

export function explainFailure(error: unknown, link: FailedLink): Error {
  if (error instanceof BarnabasError) return error;
  const failure = error as Failure;
  const denial = whyDenied(failure, link);
  if (denial !== undefined) {
    return new BarnabasError('kafka-access', `broker ${link.address} lets us not in: ${denial}`, { cause: error });
  }
  const text = failure.message.replace(/^Connection error: /, '').replace(/^$/, failure.name);
  const why = isTimeout(failure) ? 'it did not answer in time' : text;
  const hint = hintOf(failure, link);
  const message = `cannot ask broker ${link.address}: ${why}${hint === undefined ? '' : `; ${hint}`}`;
  return new BarnabasError('kafka-failed', message, { cause: error });
}

const isTimeout = ({ name, message }: Failure): boolean =>
  name === 'KafkaJSRequestTimeoutError' || message === 'Connection timeout';

const plainProtocol = ({ way }: FailedLink): string => (way.sasl ? 'SASL_PLAINTEXT' : 'PLAINTEXT');
const tlsProtocol = ({ way }: FailedLink): string => (way.sasl ? 'SASL_SSL' : 'SSL');

/** Only what is certain, and no retry would mend. */
function whyDenied(failure: Failure, link: FailedLink): string | undefined {
  const { tls } = link.way;
  const code = String(failure.code ?? '');
  if (!tls && (link.firstByte === tlsRecord.alert || link.firstByte === tlsRecord.handshake)) {
    return `its listener speaks TLS: use --security-protocol ${tlsProtocol(link)}, or another port`;
  }
  if (tls && /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(code)) {
    return `its listener does not speak TLS: use --security-protocol ${plainProtocol(link)}, or another port`;
  }
  const certificate = tls && certificates.find(({ codes }) => codes.test(code));
  if (certificate) return `${certificate.why} (${code})`;
  if (failure.name === 'KafkaJSSASLAuthenticationError') return whyUnauthenticated(failure.message, link);
  if (failure.type === 'ILLEGAL_SASL_STATE' || failure.type === 'UNSUPPORTED_SASL_MECHANISM') {
    if (failure.type === 'UNSUPPORTED_SASL_MECHANISM') return noMechanism(mechanismOf(link.way));
    const without = tls ? 'SSL' : 'PLAINTEXT';
    return `its listener takes no SASL: use --security-protocol ${without}, or another port`;
  }
  return undefined;
}

/** The first byte of what TLS sends: RFC 8446, section 5.1. */
const tlsRecord = { alert: 0x15, handshake: 0x16 } as const;

const certificates = [
  {
    codes: /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET)_\w+)$/,
    why: 'its certificate is signed by nobody we trust: name who did, by --tls-ca or ssl.truststore.location',
  },
  { codes: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, why: 'its certificate is not valid now' },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    why:
      'its certificate is not for this host: reach it by a name that stands in it, or set ' +
      'ssl.endpoint.identification.algorithm to nothing in the file of --command-config',
  },
  {
    codes: /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE)$/,
    why: 'it wants a certificate of ours that it trusts: give --tls-cert and --tls-key, or ssl.keystore.location',
  },
] as const;

const mechanismOf = ({ sasl }: FailedLink['way']): string => (sasl?.mechanism ?? 'no mechanism').toUpperCase();

const noMechanism = (mechanism: string): string =>
  `its listener does not take ${mechanism}: see sasl.enabled.mechanisms of the broker, and --sasl-mechanism`;

function whyUnauthenticated(message: string, { way }: FailedLink): string {
  const mechanism = mechanismOf(way);
  if (/mechanism is not supported/.test(message)) return noMechanism(mechanism);
  return `it refuses the user or the password (SASL ${mechanism}): check --sasl-user and the password`;
}

/** What it may be: a broker that is just going away looks the same. */
function hintOf({ name, code, message }: Failure, link: FailedLink): string | undefined {
  const { tls, sasl } = link.way;
  if (code === 'ECONNREFUSED') return 'is a broker running there, and is the port right?';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'is the name right, and known here?';
  if (message === 'Connection timeout') return 'can the address be reached from here?';
  const closed = name.startsWith('KafkaJSConnection') && !isTimeout({ name, message });
  if (!closed || link.stage === 'serving') return undefined;
  if (tls && link.stage === 'connecting') {
    return `if that stays so: does its listener speak TLS at all, and does it want a certificate of ours (--tls-cert)?`;
  }
  if (sasl && link.stage === 'connecting') return 'if that stays so: are user and password right?';
  if (link.stage === 'asking' && !sasl) return 'if that stays so: does its listener want SASL (--security-protocol)?';
  return 'if that stays so: is its listener of another protocol (--security-protocol)?';
}
