/** The parts of node-zookeeper-client 1.1.3 in use, `connectionManager` included: see zookeeper-connection.ts. */
declare module 'node-zookeeper-client' {
  import type { Socket } from 'node:net';

  /** 64-bit numbers are buffers of 8 bytes, big-endian. */
  export interface Stat {
    readonly czxid: Buffer;
    readonly version: number;
    readonly ephemeralOwner: Buffer;
  }

  export interface ClientException extends Error {
    getCode(): number;
    getName(): string;
  }

  type Failure = ClientException | null | undefined;

  /** Internal to the library, and no part of its documented interface. */
  export interface ConnectionManager {
    servers: { readonly host: string; readonly port: number }[];
    socket: Socket | undefined;
    connectTimeoutHandler: NodeJS.Timeout | null;
    connect(): void;
    onSocketData(chunk: Buffer): void;
  }

  export interface Client {
    readonly connectionManager: ConnectionManager;
    connect(): void;
    close(): void;
    once(event: 'connected' | 'expired' | 'authenticationFailed', listener: () => void): this;
    getSessionId(): Buffer;
    /** Milliseconds, as negotiated. */
    getSessionTimeout(): number;
    addAuthInfo(scheme: string, auth: Buffer): void;
    create(
      path: string,
      data: Buffer | undefined,
      acls: readonly ACL[] | undefined,
      mode: number,
      callback: (error: Failure, path?: string) => void,
    ): void;
    getData(
      path: string,
      watcher: (() => void) | undefined,
      callback: (error: Failure, data?: Buffer, stat?: Stat) => void,
    ): void;
    exists(
      path: string,
      watcher: (() => void) | undefined,
      callback: (error: Failure, stat?: Stat | null) => void,
    ): void;
    setData(path: string, data: Buffer, version: number, callback: (error: Failure, stat?: Stat) => void): void;
    setACL(path: string, acls: readonly ACL[], version: number, callback: (error: Failure) => void): void;
    remove(path: string, version: number, callback: (error: Failure) => void): void;
    transaction(): Transaction;
  }

  export interface Transaction {
    /** Internal: `check()` and `remove()` take version 0 for any version. */
    readonly ops: { readonly type: number; readonly path: string; readonly version: number }[];
    /** The error is that of the first operation which failed; then none was carried out. */
    commit(callback: (error: Failure) => void): void;
  }

  export interface Id {
    readonly scheme: string;
    readonly id: string;
  }

  export interface ACL {
    readonly permission: number;
    readonly id: Id;
  }

  export const Id: new (scheme: string, id: string) => Id;
  export const ACL: new (permission: number, id: Id) => ACL;

  export const Permission: { readonly READ: number; readonly ALL: number };
  export const CreateMode: {
    readonly PERSISTENT: number;
    readonly PERSISTENT_SEQUENTIAL: number;
    readonly EPHEMERAL: number;
  };
  export const Exception: Readonly<
    Record<
      'CONNECTION_LOSS' | 'NO_NODE' | 'NO_AUTH' | 'BAD_VERSION' | 'NODE_EXISTS' | 'SESSION_EXPIRED' | 'AUTH_FAILED',
      number
    >
  >;

  export function createClient(
    connectionString: string,
    options?: { sessionTimeout?: number; spinDelay?: number; retries?: number },
  ): Client;
}
