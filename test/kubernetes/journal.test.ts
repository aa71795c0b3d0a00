/** A journal in a ConfigMap, by an API server that keeps one and its resourceVersion as a real one does. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openConfigMapJournal } from '../../src/kubernetes/journal.ts';
import { failureOf } from '../kafka/support/scene.ts';

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string };
  readonly binaryData?: Readonly<Record<string, string>>;
}

interface Context {
  directory: string;
  kubeconfig: string;
  maps: Map<string, ConfigMap>;
  close: () => Promise<void>;
}

const path = '/api/v1/namespaces/pets/configmaps';
const test = suite<Context>('a journal in a ConfigMap', {} as never);

test.before.each(async (context) => {
  context.maps = new Map();
  context.directory = mkdtempSync(join(tmpdir(), 'journal-'));
  const { maps } = context;
  let versions = 100;
  const answer = async (request: IncomingMessage): Promise<readonly [number, unknown]> => {
    const name = (request.url ?? '').slice(path.length + 1);
    const refusal = (code: number, reason: string) =>
      [code, { kind: 'Status', code, reason, message: reason }] as const;
    if (request.method === 'GET') return maps.has(name) ? [200, maps.get(name)] : refusal(404, 'NotFound');
    const body = JSON.parse(await textOf(request)) as ConfigMap;
    const there = maps.get(body.metadata.name);
    if (request.method === 'POST' && there) return refusal(409, 'AlreadyExists');
    if (request.method === 'PUT' && !there) return refusal(404, 'NotFound');
    const wanted = body.metadata.resourceVersion;
    if (wanted !== undefined && wanted !== there?.metadata.resourceVersion) return refusal(409, 'Conflict');
    const isSame = JSON.stringify(there?.binaryData) === JSON.stringify(body.binaryData);
    const version = there && isSame ? there.metadata.resourceVersion : String((versions += 1));
    const kept = { ...body, metadata: { ...body.metadata, resourceVersion: version ?? '' } };
    maps.set(body.metadata.name, kept);
    return [200, kept];
  };
  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  context.kubeconfig = join(context.directory, 'kubeconfig');
  const parts = {
    clusters: [{ name: 'fake', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'person', user: {} }],
    contexts: [{ name: 'here', context: { cluster: 'fake', user: 'person', namespace: 'pets' } }],
  };
  writeFileSync(
    context.kubeconfig,
    JSON.stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': 'here', ...parts }),
  );
  context.close = () =>
    new Promise((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
});
test.after.each(async ({ close, directory }) => {
  await close();
  rmSync(directory, { recursive: true });
});

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

const open = ({ kubeconfig }: Context) =>
  openConfigMapJournal('recovery', { kubeconfig, context: undefined, namespace: undefined });

test('what was written is read, by whoever comes later', async (context) => {
  const first = open(context);
  assert.is(await first.read(), undefined);
  await first.write('one');
  await first.write('two — naïve');
  assert.is(first.place, 'configmap/recovery in namespace pets');
  const second = open(context);
  assert.is(await second.read(), 'two — naïve');
  await second.write('three');
  assert.is(await open(context).read(), 'three');
});

test('10,000 partitions are far from what an object may have', async (context) => {
  const moves = Array.from({ length: 10_000 }, (_, partition) => ({
    ...{ topic: `orders.of.the.department-${partition % 300}`, partition, before: [1003, 1001, 1002] },
    ...{ after: [1004, 1001, 1002], bytes: Math.floor(Math.random() * 1e9) },
  }));
  await open(context).write(JSON.stringify({ moves }));
  const [bytes = ''] = Object.values(context.maps.get('recovery')?.binaryData ?? {});
  assert.ok(bytes.length < 300_000, `${bytes.length} bytes`);
});

test('of two writers the one that is behind is refused, and so is one that began at the same time', async (context) => {
  const [first, second] = [open(context), open(context)];
  await first.read();
  await second.read();
  await first.write('first');
  const began = await failureOf(second.write('second'));
  assert.is(began.code, 'journal-failed');
  assert.match(began.message, /another recovery is at work with the journal configmap\/recovery in namespace pets/);
  await second.read();
  await second.write('second');
  assert.match((await failureOf(first.write('first'))).message, /another recovery is at work/);
  assert.is(await open(context).read(), 'second');
});

test('an API that does not answer is no empty journal', async (context) => {
  const journal = open(context);
  await context.close();
  context.close = () => Promise.resolve();
  const failure = await failureOf(journal.read());
  assert.match(failure.message, /cannot read the journal configmap\/recovery in namespace pets: .*can't be reached/);
});

test.run();
