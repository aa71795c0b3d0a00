/** Servers that are no good ZooKeeper. */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface FakeServer {
  readonly connect: string;
  /** Connections accepted so far. */
  readonly accepted: () => number;
}

/** `answer` is called with each chunk that a client sends, and its number on that connection. */
export async function withFakeServer(
  answer: (socket: Socket, chunk: number) => void,
  play: (server: FakeServer) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    let chunk = 0;
    socket.on('data', () => answer(socket, chunk++));
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    await play({ connect: `127.0.0.1:${port}`, accepted: () => accepted });
  } finally {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  }
}

/** ZooKeeper's answer to a connect request: protocol version, session timeout, session id, password. */
export function welcome(sessionTimeoutMs: number): Buffer {
  const packet = Buffer.alloc(4 + 4 + 4 + 8 + 4 + 16);
  packet.writeInt32BE(packet.length - 4, 0);
  packet.writeInt32BE(sessionTimeoutMs, 8);
  packet.writeBigInt64BE(0x1234n, 12);
  packet.writeInt32BE(16, 20);
  return packet;
}

/** A reply without a body: the request's number, a transaction id, ZooKeeper's error code. */
export function refusal(xid: number, code: number): Buffer {
  const packet = Buffer.alloc(4 + 4 + 8 + 4);
  packet.writeInt32BE(16, 0);
  packet.writeInt32BE(xid, 4);
  packet.writeInt32BE(code, 16);
  return packet;
}
