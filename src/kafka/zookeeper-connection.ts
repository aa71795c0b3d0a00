/**
 * One connection to one ZooKeeper server: a session that ends with it.
 *
 * node-zookeeper-client also reconnects, and can crash a process by it: after a reconnect it reads on in the middle of
 * the old connection's packet, an error code unknown to it (SESSION_MOVED is one) throws out of the socket's event, a
 * server that falls silent is never noticed, and its connect timer outlives the socket. We own nothing that hangs on
 * the session (no ephemeral znode), so a lost connection is simply given up, and the next one is another client. For
 * that we reach into the library, whose version is pinned: the places are marked (internal).
 */
import type { Socket } from 'node:net';
import { createClient, CreateMode, Exception } from 'node-zookeeper-client';
import type { Client, ClientException, Stat } from 'node-zookeeper-client';
import { orAbort } from './time-limit.ts';
import type { ZooKeeperServer } from '../domain/zookeeper-address.ts';

export interface Znode {
  readonly data: Buffer;
  readonly stat: Stat;
}

export type Creation = 'created' | 'exists' | 'no-parent';
export type Deletion = 'removed' | 'no-node' | 'bad-version' | 'forbidden';

/** A znode in the version that it must have. */
export interface Versioned {
  readonly path: string;
  readonly version: number;
}

/** ZooDefs.OpCode */
const opCodes = { delete: 2, check: 13 } as const;
const deletions = new Map<number, Deletion>([
  [Exception.NO_NODE, 'no-node'],
  [Exception.BAD_VERSION, 'bad-version'],
  [Exception.NO_AUTH, 'forbidden'],
]);

/** The connection is gone; the call may or may not have been carried out. */
export class ConnectionLost extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'ConnectionLost';
  }
}

/** The server answered, and refused; the message is ZooKeeper's name for it, such as `NO_AUTH`. */
export class ZooKeeperRefusal extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'ZooKeeperRefusal';
  }
}

export interface ConnectionOptions {
  readonly server: ZooKeeperServer;
  /** '' or a path. */
  readonly chroot: string;
  /** A proposal: the server bounds it by its own settings. A server silent for two thirds of it is given up. */
  readonly sessionTimeoutMs: number;
  /** For the TCP connection and ZooKeeper's handshake together. */
  readonly handshakeTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** How long a server may take to say goodbye. */
const goodbyeTimeoutMs = 1000;

/** Throws {@link ConnectionLost}, and the signal's reason when it aborts. */
export async function openConnection(options: ConnectionOptions): Promise<ZooKeeperConnection> {
  options.signal.throwIfAborted();
  const connection = new ZooKeeperConnection(options);
  try {
    await orAbort(options.signal, connection.opened);
    return connection;
  } catch (error) {
    connection.destroy('given up');
    throw error;
  }
}

export class ZooKeeperConnection {
  /** Resolves when the session stands; rejects with {@link ConnectionLost}. */
  readonly opened: Promise<void>;
  readonly #client: Client;
  /** Rejected when the connection is lost: nothing of the library's tells those who still wait in its queue. */
  readonly #pending = new Set<(loss: ConnectionLost) => void>();
  #socket: Socket | undefined;
  #watchdog: NodeJS.Timeout;
  #cause = 'the server closed the connection';
  #loss: ConnectionLost | undefined;
  #answered = false;

  constructor({ server, chroot, sessionTimeoutMs, handshakeTimeoutMs }: ConnectionOptions) {
    this.#client = createClient(`server${chroot}`, { sessionTimeout: sessionTimeoutMs, retries: 0 });
    const manager = this.#client.connectionManager;
    // (internal) The library's own parser takes no IPv6 address, and shuffles several servers.
    manager.servers = [server];
    // (internal) What it throws here would be an uncaught exception.
    const onSocketData = manager.onSocketData.bind(manager);
    manager.onSocketData = (chunk) => {
      try {
        onSocketData(chunk);
      } catch (error) {
        this.destroy(`an answer could not be read: ${(error as Error).message}`);
      }
    };
    const connected = new Promise<void>((resolve) => {
      this.#client.once('connected', resolve);
      this.#client.once('expired', () => this.destroy('the server refused a session'));
    });
    this.#watchdog = setTimeout(() => this.destroy('no answer'), handshakeTimeoutMs);
    this.opened = this.untilLost(connected.then(() => this.#superviseSilence()));
    this.#client.connect();
    // (internal) Called again when the socket closes: the end of its reconnecting.
    manager.connect = () => undefined;
    // The library opens the socket in the next tick, queued before this one.
    process.nextTick(() => this.#adopt(manager.socket));
  }

  /** Whether any call was answered: one may be welcomed again and again by a server that serves nothing. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Called when the connection is lost; at once if it already is. */
  onLost(listener: (loss: ConnectionLost) => void): void {
    if (this.#loss === undefined) this.#pending.add(listener);
    else listener(this.#loss);
  }

  /** Settles as the promise does, or rejects with {@link ConnectionLost} when the connection is lost first. */
  untilLost<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onLost(reject);
      promise.then(resolve, reject).finally(() => this.#pending.delete(reject));
    });
  }

  /**
   * Undefined if there is no such znode; then no watch is left. `onChange` is called once, at the first change.
   * Passing the same function again before it was called sets no second watch.
   */
  read(path: string, onChange?: () => void): Promise<Znode | undefined> {
    return this.#call((resolve, reject) =>
      this.#client.getData(path, onChange, (error, data, stat) => {
        if (error?.getCode() === Exception.NO_NODE) resolve(undefined);
        else if (error || stat === undefined) reject(failure(error));
        else resolve({ data: data ?? Buffer.alloc(0), stat });
      }),
    );
  }

  /** Unlike with {@link read}, the watch is also left where there is no such znode. */
  exists(path: string, onChange?: () => void): Promise<boolean> {
    return this.#call((resolve, reject) =>
      this.#client.exists(path, onChange, (error, stat) => {
        if (error) reject(failure(error));
        else resolve(stat !== null && stat !== undefined);
      }),
    );
  }

  /** Persistent; `numbered`: ZooKeeper appends the next number to its name. */
  create(path: string, data: Buffer, naming: 'as-it-is' | 'numbered' = 'as-it-is'): Promise<Creation> {
    const mode = naming === 'numbered' ? CreateMode.PERSISTENT_SEQUENTIAL : CreateMode.PERSISTENT;
    return this.#call((resolve, reject) =>
      this.#client.create(path, data, undefined, mode, (error) => {
        if (error?.getCode() === Exception.NODE_EXISTS) resolve('exists');
        else if (error?.getCode() === Exception.NO_NODE) resolve('no-parent');
        else if (error) reject(failure(error));
        else resolve('created');
      }),
    );
  }

  /** Only the version that it must have: 'changed' if it has another, or is gone. */
  write({ path, version }: Versioned, data: Buffer): Promise<'written' | 'changed'> {
    return this.#call((resolve, reject) =>
      this.#client.setData(path, data, version, (error) => {
        const code = error?.getCode();
        if (code === Exception.BAD_VERSION || code === Exception.NO_NODE) resolve('changed');
        else if (error) reject(failure(error));
        else resolve('written');
      }),
    );
  }

  /** All of it or nothing: each znode must have its version; `checked` ones stay. */
  delete(deleted: readonly Versioned[], checked: readonly Versioned[] = []): Promise<Deletion> {
    return this.#call((resolve, reject) => {
      const transaction = this.#client.transaction();
      for (const znode of checked) transaction.ops.push({ type: opCodes.check, ...znode });
      for (const znode of deleted) transaction.ops.push({ type: opCodes.delete, ...znode });
      transaction.commit((error) => {
        const outcome = error ? deletions.get(error.getCode()) : 'removed';
        if (outcome === undefined) reject(failure(error));
        else resolve(outcome);
      });
    });
  }

  /** Ends the session; takes a second at most. */
  async close(): Promise<void> {
    const socket = this.#socket;
    if (this.#loss !== undefined || socket === undefined) {
      this.destroy('closed');
      return;
    }
    await new Promise<void>((resolve) => {
      clearTimeout(this.#watchdog);
      this.#watchdog = setTimeout(() => this.destroy('closed'), goodbyeTimeoutMs);
      this.onLost(() => resolve());
      this.#client.close();
    });
  }

  /** Drops the connection without a word; nothing is left of it afterwards. */
  destroy(why: string): void {
    if (this.#loss !== undefined) return;
    this.#lose(why);
    this.#socket?.destroy();
  }

  #adopt(socket: Socket | undefined): void {
    this.#socket = socket;
    // Several addresses of one name fail together, without a message of their own.
    socket?.once(
      'error',
      (error: NodeJS.ErrnoException) => (this.#cause = error.message || (error.code ?? error.name)),
    );
    socket?.once('close', () => this.#lose(this.#cause));
    if (this.#loss !== undefined || socket === undefined) {
      this.#lose('no socket could be opened');
      socket?.destroy();
      this.#stopTimers();
    }
  }

  /** The library pings after a third of the session timeout without traffic, and never looks for the answer. */
  #superviseSilence(): void {
    clearTimeout(this.#watchdog);
    if (this.#loss !== undefined) return;
    const silenceMs = (this.#client.getSessionTimeout() * 2) / 3;
    this.#watchdog = setTimeout(() => this.destroy(`silent for ${Math.round(silenceMs / 1000)}s`), silenceMs);
    this.#socket?.on('data', () => this.#watchdog.refresh());
  }

  #lose(why: string): void {
    this.#stopTimers();
    if (this.#loss !== undefined) return;
    this.#loss = new ConnectionLost(why);
    const listeners = [...this.#pending];
    this.#pending.clear();
    for (const listener of listeners) listener(this.#loss);
  }

  #stopTimers(): void {
    clearTimeout(this.#watchdog);
    // (internal) Not stopped by the library when a socket closes without an error; it would hold the process.
    clearTimeout(this.#client.connectionManager.connectTimeoutHandler ?? undefined);
  }

  #call<T>(start: (resolve: (value: T) => void, reject: (error: Error) => void) => void): Promise<T> {
    if (this.#loss !== undefined) return Promise.reject(this.#loss);
    return this.untilLost(new Promise<T>(start).finally(() => (this.#answered ||= this.#loss === undefined)));
  }
}

function failure(error: ClientException | null | undefined): Error {
  if (!error) return new ZooKeeperRefusal('an answer without content');
  const code = error.getCode();
  if (code === Exception.CONNECTION_LOSS || code === Exception.SESSION_EXPIRED) {
    return new ConnectionLost(error.getName());
  }
  return new ZooKeeperRefusal(error.getName());
}
