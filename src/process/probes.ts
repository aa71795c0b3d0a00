/** The sidecar's HTTP server: probes for the kubelet, metrics for Prometheus. Plain HTTP, and nothing that is secret. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { BarnabasError } from '../errors.ts';
import type { ProbeServer, SidecarState } from '../ports.ts';

export async function serveProbes(port: number, state: SidecarState): Promise<ProbeServer> {
  const server = createServer((request, response) => void answer(request, response, state));
  server.requestTimeout = 5000;
  server.listen(port);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BarnabasError(
      'settings-invalid',
      `cannot serve probes on port ${port}: ${String(code)}; choose another with --listen`,
    );
  }
  return {
    async close() {
      server.close();
      server.closeAllConnections();
      await Promise.resolve();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

async function answer(request: IncomingMessage, response: ServerResponse, state: SidecarState): Promise<void> {
  const { status, text, type = 'text/plain; charset=utf-8' } = await answerTo((request.url ?? '').split('?')[0], state);
  response.writeHead(status, { 'content-type': type }).end(`${text}\n`);
}

async function answerTo(path: string | undefined, state: SidecarState): Promise<Answer> {
  const yesOr = (why: string | undefined, yes: string): Answer =>
    why === undefined ? { status: 200, text: yes } : { status: 503, text: why };
  switch (path) {
    case '/started':
      return yesOr(state.started ? undefined : 'the broker has no id yet', 'the broker may start');
    case '/live':
      return yesOr(state.lost, 'the id is held');
    case '/ready':
      return yesOr(await state.unready(), 'the broker is registered and serves');
    case '/metrics': {
      const { metricsOf, contentType } = await import('./metrics.ts');
      return { status: 200, text: (await metricsOf(state)).trimEnd(), type: contentType };
    }
    default:
      return { status: 404, text: 'there are /started, /live, /ready and /metrics' };
  }
}

export async function accepts(port: number, timeoutMs: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1', timeout: timeoutMs });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('timeout', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
