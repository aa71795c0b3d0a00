/**
 * One connection to one broker. kafkajs opens it, speaks TLS and SASL, and pairs answers with requests; the requests are
 * our own. For that we reach into kafkajs, whose version is pinned: the places are marked (internal).
 */
import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { formatAddress, type BrokerAddress } from '../domain/broker-address.ts';
import type { Dial } from '../ports-cluster.ts';
import { explainFailure, type Stage } from './failure.ts';
import { formOf, negotiate, type Api, type VersionRange } from './protocol/api.ts';
import { Reader } from './protocol/reader.ts';
import { Writer } from './protocol/writer.ts';
import { unfitting } from './unfitting.ts';

/** How connections are made. */
export interface Way {
  /** How to get to an address that a broker is known by; by itself if not given. */
  readonly dial?: Dial | undefined;
  readonly tls?: ConnectionOptions | undefined;
  readonly sasl?: SASLOptions | undefined;
}

export interface Link {
  readonly address: BrokerAddress;
  supports(api: Api<never, unknown>): boolean;
  /** By the key of each request that the broker takes, its newest version. */
  newest(): ReadonlyMap<number, number>;
  /** The broker is of a time before that request, or does not know the first version that is written here. */
  predates(api: Api<never, unknown>): boolean;
  /** Throws a BarnabasError: what a broker refuses is in its answer. */
  send<Request, Answer>(api: Api<Request, Answer>, request: Request, timeoutMs?: number): Promise<Answer>;
  /** Whether requests can still be sent. */
  alive(): boolean;
  /** At once: what is being asked fails. */
  close(): void;
}

export const connectMs = 5000;
/** Of one request, where it does not say otherwise. kafkajs takes it for the least. */
export const requestMs = 5000;

/** `closing`: closes it, also while it is being opened. */
export async function openLink(address: BrokerAddress, way: Way, closing: AbortSignal): Promise<Link> {
  const sockets: Duplex[] = [];
  const over = { closed: closing.aborted };
  const first: { byte: number | undefined } = { byte: undefined };
  const broker = await kafkajsBroker(address, way, (socket) => {
    sockets.push(socket);
    // kafkajs connects again for whoever still asks.
    if (over.closed) socket.destroy(new Error('closed'));
    socket.once('data', (chunk: Buffer) => (first.byte ??= chunk[0]));
  });
  let stage: Stage = 'connecting';
  // With an error, kafkajs lets go of its timers and of all that waits.
  const close = (): void => {
    over.closed = true;
    closing.removeEventListener('abort', close);
    sockets.forEach((socket) => socket.destroy(new Error('closed')));
  };
  closing.addEventListener('abort', close);
  const explain = (error: unknown): Error =>
    explainFailure(error, { address: formatAddress(address), stage, way, firstByte: first.byte });
  try {
    await broker.connect();
    stage = 'asking';
  } catch (error) {
    close();
    throw explain(error);
  }
  const { versions } = broker;
  return {
    address,
    supports: (api) => negotiate(api, versions[api.key]).kind === 'version',
    newest: () => new Map(Object.entries(versions).map(([key, { maxVersion }]) => [Number(key), maxVersion])),
    predates: (api) => ['unknown', 'too-old'].includes(negotiate(api, versions[api.key]).kind),
    async send(api, request, timeoutMs = requestMs) {
      const negotiated = negotiate(api, versions[api.key]);
      if (negotiated.kind !== 'version') throw unfitting(api, negotiated.kind, formatAddress(address));
      try {
        const answer = await broker.connectionPool.send(exchange(api, request, { ...negotiated, timeoutMs }));
        stage = 'serving';
        return answer;
      } catch (error) {
        throw explain(error);
      }
    },
    alive: () => broker.isConnected(),
    close,
  };
}

/** (internal) One request and how its answer is read, as kafkajs takes them. */
interface Exchange<Answer> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    readonly encode: () => { readonly buf: Buffer; readonly buffer: Buffer };
  };
  readonly response: {
    readonly decode: (payload: Buffer) => { readonly answer: Answer };
    readonly parse: (decoded: { readonly answer: Answer }) => Answer;
  };
  readonly requestTimeout: number;
}

function exchange<Request, Answer>(
  api: Api<Request, Answer>,
  request: Request,
  { version, timeoutMs }: { readonly version: number; readonly timeoutMs: number },
): Exchange<Answer> {
  const form = formOf(api, version);
  return {
    request: {
      ...{ apiKey: api.key, apiVersion: version, apiName: api.name },
      encode() {
        const to = new Writer(form);
        // Those of the header, which kafkajs writes without.
        to.tags();
        api.write(to, request, version);
        return { buf: to.bytes, buffer: to.bytes };
      },
    },
    response: {
      decode(payload) {
        const from = new Reader(payload, form);
        from.tags();
        return { answer: api.read(from, version) };
      },
      parse: ({ answer }) => answer,
    },
    requestTimeout: timeoutMs,
  };
}

/** (internal) */
interface KafkajsBroker {
  readonly versions: Readonly<Record<number, VersionRange>>;
  readonly connectionPool: { send<Answer>(exchange: Exchange<Answer>): Promise<Answer> };
  connect(): Promise<void>;
  isConnected(): boolean;
}

/** (internal) */
interface KafkajsCluster {
  readonly brokerPool: {
    readonly rootLogger: unknown;
    readonly connectionPoolBuilder: { build(address: BrokerAddress): Promise<unknown> };
    createBroker(order: { readonly connectionPool: unknown; readonly logger: unknown }): KafkajsBroker;
  };
}

async function kafkajsBroker(
  address: BrokerAddress,
  { dial, tls, sasl }: Way,
  watch: (socket: Duplex) => void,
): Promise<KafkajsBroker> {
  const kafka = new Kafka({
    clientId: 'barnabas',
    brokers: [],
    logLevel: logLevel.NOTHING,
    // KAFKAJS_LOG_LEVEL goes over the level.
    logCreator: () => () => undefined,
    connectionTimeout: connectMs,
    requestTimeout: requestMs,
    ...(sasl && { sasl: { ...sasl } }),
    socketFactory: ({ host, port, onConnect }) => {
      const socket = openSocket({ host, port }, { dial, tls }, onConnect);
      watch(socket);
      // kafkajs asks of a socket no more than of any stream.
      return socket as unknown as Socket;
    },
  });
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const create = (kafka as unknown as Record<symbol, (options: object) => KafkajsCluster>)[symbol ?? Symbol.iterator];
  if (!create) throw new Error('kafkajs is not the version that this was made for');
  const { brokerPool } = create({ allowAutoTopicCreation: false });
  const connectionPool = await brokerPool.connectionPoolBuilder.build(address);
  return brokerPool.createBroker({ connectionPool, logger: brokerPool.rootLogger });
}

/** Behind a dial it is Kubernetes that leads to the right pod, by names that stand in no certificate. */
function openSocket({ host, port }: BrokerAddress, { dial, tls }: Way, onConnect: () => void): Duplex {
  if (!tls) return dial ? (dial({ host, port, onConnect }) as unknown as Duplex) : connect({ host, port }, onConnect);
  const servername = isIP(host) ? {} : { servername: host };
  if (!dial) return connectTls({ host, port, ...servername, ...tls }, onConnect);
  const socket = dial({ host, port, onConnect: () => undefined }) as unknown as Duplex;
  return connectTls({ socket, host, ...servername, ...tls, checkServerIdentity: () => undefined }, onConnect);
}
