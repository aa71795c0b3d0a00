/** Keeps a way open to a ZooKeeper ensemble: connects when first used, to the next server after each loss. */
import type { Deadline, Log } from '../ports.ts';
import { BarnabasError } from '../errors.ts';
import { LimitReached, orAbort, pause, within } from './time-limit.ts';
import { formatServer } from '../domain/zookeeper-address.ts';
import type { ZooKeeperAddress } from '../domain/zookeeper-address.ts';
import { ConnectionLost, openConnection, ZooKeeperRefusal } from './zookeeper-connection.ts';
import type { ZooKeeperConnection } from './zookeeper-connection.ts';

export interface SessionOptions {
  readonly address: ZooKeeperAddress;
  readonly log: Log;
  readonly sessionTimeoutMs: number;
}

const handshakeTimeoutMs = 4000;
const firstRetryMs = 100;
const slowestRetryMs = 2000;

export class ZooKeeperSession {
  readonly #options: SessionOptions;
  readonly #closing = new AbortController();
  /** What went wrong last with each server. */
  readonly #failures = new Map<string, string>();
  #connection: ZooKeeperConnection | undefined;
  /** One for all who wait for it. Never rejects. */
  #attempt: Promise<void> | undefined;
  #nextServer = 0;
  /** Failures in a row, of connecting or of connections that answered nothing. */
  #fruitless = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /**
   * Runs `work` within the deadline, again on another connection when its own is lost. `action` is for messages: what
   * cannot be done, such as `read the cluster id`. Throws `zookeeper-unreachable` or `interrupted`.
   */
  async call<T>(
    action: string,
    deadline: Deadline,
    work: (connection: ZooKeeperConnection, limit: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      return await within(deadline, this.closed, (limit) => this.retry(limit, work));
    } catch (error) {
      throw this.explain(action, deadline, error);
    }
  }

  /** As {@link call}, for whoever has a signal in place of a deadline; throws the signal's reason. */
  async retry<T>(
    limit: AbortSignal,
    work: (connection: ZooKeeperConnection, limit: AbortSignal) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      if (this.closed.aborted) throw new LimitReached('closed');
      const connection = this.#connection;
      if (connection === undefined) {
        await orAbort(limit, this.#connect());
        if (this.#connection === undefined) await pause(this.#retryDelayMs(), limit);
        continue;
      }
      try {
        return await orAbort(limit, work(connection, limit));
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        await pause(this.#retryDelayMs(), limit);
      }
    }
  }

  /** Ends every call and the session; takes a second at most. */
  async close(): Promise<void> {
    this.#closing.abort(new LimitReached('closed'));
    await this.#attempt;
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  #connect(): Promise<void> {
    this.#attempt ??= this.#tryNextServer().finally(() => (this.#attempt = undefined));
    return this.#attempt;
  }

  async #tryNextServer(): Promise<void> {
    const { address, sessionTimeoutMs } = this.#options;
    const server = address.servers[this.#nextServer % address.servers.length];
    if (server === undefined || this.closed.aborted) return;
    this.#nextServer += 1;
    const name = formatServer(server);
    try {
      const connection = await openConnection({
        server,
        chroot: address.chroot,
        sessionTimeoutMs,
        handshakeTimeoutMs,
        signal: this.closed,
      });
      this.#connection = connection;
      if (this.#fruitless > 0) this.#options.log.info('connected to ZooKeeper again', { server: name });
      connection.onLost((loss) => this.#lost({ name, connection, loss }));
    } catch (error) {
      this.#failures.set(name, (error as Error).message);
      this.#fruitless += 1;
    }
  }

  #lost({ name, connection, loss }: { name: string; connection: ZooKeeperConnection; loss: ConnectionLost }): void {
    this.#connection = undefined;
    if (this.closed.aborted) return;
    if (connection.answered) {
      this.#failures.clear();
      this.#fruitless = 0;
    }
    this.#failures.set(name, loss.message);
    this.#fruitless += 1;
    this.#options.log.warn('lost the connection to ZooKeeper; connecting again', { server: name, cause: loss.message });
  }

  /** No delay before every server has been tried once. */
  #retryDelayMs(): number {
    const rounds = Math.floor(this.#fruitless / this.#options.address.servers.length);
    return rounds === 0 ? 0 : Math.min(firstRetryMs * 2 ** (rounds - 1), slowestRetryMs);
  }

  /** What a call rejects with, in words for people. `action` is what cannot be done. */
  explain(action: string, { timeoutMs }: Deadline, error: unknown): unknown {
    const { address } = this.#options;
    const names = address.servers.map(formatServer);
    if (error instanceof ZooKeeperRefusal) {
      const what = `cannot ${action}: ZooKeeper at ${names.join(', ')} refuses (${error.message})`;
      const next = 'check the access control list of that znode (world:anyone:r is what Kafka sets)';
      return new BarnabasError('zookeeper-unreachable', `${what}; ${next}`, { cause: error });
    }
    if (!(error instanceof LimitReached)) return error;
    if (error.kind === 'aborted') return new BarnabasError('interrupted', `cannot ${action}: interrupted`);
    if (error.kind === 'closed') {
      return new BarnabasError('interrupted', `cannot ${action}: the session with ZooKeeper was closed`);
    }
    const failures = this.#connection?.answered ? undefined : this.#failures;
    const causes = names.map((name) => `${name}: ${failures?.get(name) ?? 'no answer'}`);
    const what = `cannot ${action}: ZooKeeper did not answer within ${Math.round(timeoutMs / 100) / 10}s (${causes.join('; ')})`;
    const next = 'check that it runs, that the address is right, and that it takes plain TCP without TLS from here';
    return new BarnabasError('zookeeper-unreachable', `${what}; ${next}`, { cause: error });
  }
}
