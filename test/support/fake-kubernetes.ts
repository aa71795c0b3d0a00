/** An API server that knows a few lists by heart, and a kubeconfig for it. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface FakeKubernetes {
  readonly kubeconfig: string;
  /** What was asked for: `GET /path`. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** `objects` by path; what is not there is forbidden. */
export async function fakeKubernetes(
  directory: string,
  objects: Readonly<Record<string, unknown>>,
): Promise<FakeKubernetes> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    asked.push(`${request.method ?? ''} ${path}`);
    const items = objects[path];
    const forbidden = { kind: 'Status', reason: 'Forbidden', message: `${path} is forbidden` };
    response.writeHead(items === undefined ? 403 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(items === undefined ? forbidden : { items }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(directory, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'here' },
      clusters: [
        { name: 'fake', cluster: { server: `http://127.0.0.1:${String(port)}`, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 'person', user: {} }],
      contexts: [{ name: 'here', context: { cluster: 'fake', user: 'person', namespace: 'pets' } }],
    }),
  );
  return {
    kubeconfig,
    asked,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
