/** A connection to a port of a pod through the API server, as `kubectl port-forward` makes them, without a port here. */
import { Duplex, PassThrough, Writable } from 'node:stream';
import { PortForward, type KubeConfig } from '@kubernetes/client-node';

export interface Forward {
  readonly config: KubeConfig;
  readonly namespace: string;
  /** Asked when the connection is made. */
  readonly pod: () => Promise<string>;
  readonly port: number;
  readonly onConnect: () => void;
}

/** As much of a web socket as is used: its package's types do not come with the client. */
interface WebSocket {
  close(): void;
  onclose: (() => void) | null;
}

/** Ends when the pod's side ends it; fails with what Kubernetes says. */
export function forwardTo({ config, namespace, pod, port, onConnect }: Forward): Duplex {
  const toPod = new PassThrough();
  let forwarded: WebSocket | undefined;
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => void toPod.write(chunk, done),
    final(done) {
      toPod.end();
      done();
    },
    destroy(error, done) {
      toPod.destroy();
      forwarded?.close();
      done(error);
    },
  });
  // What kafkajs asks of a socket besides.
  Object.assign(stream, { unref: () => stream });
  const fromPod = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (chunk.length > 0) stream.push(chunk);
      done();
    },
  });
  const errors = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (chunk.length > 0) stream.destroy(new Error(chunk.toString().trim()));
      done();
    },
  });
  const open = async (): Promise<void> => {
    const name = await pod();
    const opened: unknown = await new PortForward(config).portForward(namespace, name, [port], fromPod, errors, toPod);
    forwarded = opened as WebSocket;
    forwarded.onclose = () => {
      if (!stream.destroyed) stream.push(null);
    };
    if (stream.destroyed) forwarded.close();
    else onConnect();
  };
  open().catch((error: unknown) => stream.destroy(new Error(describe(error))));
  return stream;
}

/** A web socket fails with an event. */
const describe = (error: unknown): string => (error as Error | undefined)?.message ?? String(error);
