/** What becomes of a broker when its address outside is late, or can't be learnt: it starts. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { learnExternal, type ExternalOrder } from '../../src/commands/external.ts';
import type { ExternalService } from '../../src/domain/external-address.ts';
import type { Learnt } from '../../src/domain/pod-evidence.ts';
import type { Kubernetes } from '../../src/ports-cluster.ts';
import { recordLog } from '../kafka/support/scene.ts';

const test = suite('the address for clients outside');

const service: ExternalService = {
  name: 'k-2-external',
  type: 'LoadBalancer',
  port: 9096,
  nodePort: 31002,
  ingress: [],
};
const balanced = { ...service, ingress: [{ ip: '203.0.113.9' }] };

interface Play {
  readonly external: 'NodePort' | 'LoadBalancer';
  /** By the milliseconds that have passed. */
  readonly seen: (ms: number) => Learnt<ExternalService>;
  /** When somebody says stop. */
  readonly stopAtMs?: number;
  readonly without?: 'kubernetes';
}

async function play({ external, seen, stopAtMs = Infinity, without }: Play) {
  let ms = 0;
  const stopped = new AbortController();
  const log = recordLog();
  const kubernetes = {
    ensureExternalService: () => Promise.resolve(seen(ms)),
    readNodeAddresses: () => Promise.resolve({ kind: 'unknown', why: 'nodes is forbidden' }),
  } as unknown as Kubernetes;
  const order: ExternalOrder = {
    kubernetes: without === undefined ? kubernetes : undefined,
    settings: { external, service: 'k', hostIp: '10.9.9.9' },
  };
  const clock = {
    nowMs: () => ms,
    wallTime: () => '',
    pause: (pauseMs: number) => {
      ms += pauseMs;
      if (ms >= stopAtMs) stopped.abort();
      return Promise.resolve();
    },
  };
  const endpoint = await learnExternal(order, 2, { clock, log, signal: stopped.signal });
  const said = log.said.map(({ level, message, fields }) => `${level}: ${message}: ${String(fields['why'] ?? '')}`);
  return { endpoint, said, ms };
}

test('a node port is told at once', async () => {
  const { endpoint, ms } = await play({ external: 'NodePort', seen: () => ({ kind: 'found', value: service }) });
  assert.equal(endpoint, { host: '10.9.9.9', port: 31002 });
  assert.is(ms, 0);
});

test('a load balancer that comes late is waited for', async () => {
  const seen: Play['seen'] = (ms) => ({ kind: 'found', value: ms < 30_000 ? service : balanced });
  const { endpoint, ms } = await play({ external: 'LoadBalancer', seen });
  assert.equal(endpoint, { host: '203.0.113.9', port: 9096 });
  assert.is(ms, 30_000);
});

test('one that never comes is not, and that is told', async () => {
  const { endpoint, said, ms } = await play({
    external: 'LoadBalancer',
    seen: () => ({ kind: 'found', value: service }),
  });
  assert.is(endpoint, undefined);
  assert.is(ms, 60_000);
  assert.equal(said, [
    'info: waiting for a load balancer: Service k-2-external has no load balancer yet',
    'warn: there is no listener for clients outside: Service k-2-external has no load balancer yet',
  ]);
});

test('told to stop, nobody waits', async () => {
  const seen: Play['seen'] = () => ({ kind: 'found', value: service });
  assert.is((await play({ external: 'LoadBalancer', seen, stopAtMs: 5000 })).ms, 5000);
});

const silent: readonly (readonly [string, Omit<Play, 'external'>, RegExp])[] = [
  ['no right to make the Service', { seen: () => ({ kind: 'unknown', why: 'services is forbidden' }) }, /forbidden$/],
  ['a Service that was deleted at once', { seen: () => ({ kind: 'absent' }) }, /k-2-external is gone again$/],
  ['no Kubernetes', { seen: () => ({ kind: 'absent' }), without: 'kubernetes' }, /this is no pod of Kubernetes/],
];
for (const [name, given, why] of silent) {
  for (const external of ['NodePort', 'LoadBalancer'] as const) {
    test(`${name}: ${external} is done without, at once`, async () => {
      const { endpoint, said, ms } = await play({ external, ...given });
      assert.is(endpoint, undefined);
      assert.is(ms, 0);
      assert.is(said.length, 1);
      assert.match(said[0] ?? '', /^warn: there is no listener for clients outside: /);
      assert.match(said[0] ?? '', why);
    });
  }
}

test.run();
