/** The external Service of an id and the addresses of a Kubernetes node, as the API gives them. */
import { ApiException, type V1Node, type V1Service } from '@kubernetes/client-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubernetesApi } from '../../src/kubernetes/api.ts';
import { kubernetesCluster } from '../../src/kubernetes/cluster.ts';

const test = suite('external access by the API');

const failure = (code: number, reason: string): ApiException<unknown> =>
  new ApiException(code, reason, { reason, message: `${reason} by the test` }, {});

interface Given {
  readonly service?: V1Service;
  /** What the API says to a creation: else it is done. */
  readonly refusal?: ApiException<unknown>;
  /** There is none at first, and once a creation was tried, whoever tried it. */
  readonly raced?: V1Service;
  readonly node?: V1Node;
}

function clusterWith({ service, refusal, raced, node }: Given) {
  let current = service;
  const created: V1Service[] = [];
  const core = {
    readNamespacedService: () => (current ? Promise.resolve(current) : Promise.reject(failure(404, 'NotFound'))),
    readNamespacedPod: () =>
      Promise.resolve({
        metadata: { labels: { 'app.kubernetes.io/name': 'kafka', 'app.kubernetes.io/version': '1', other: 'x' } },
      }),
    createNamespacedService({ body }: { readonly body: V1Service }) {
      created.push(body);
      current = raced ?? current;
      if (refusal) return Promise.reject(refusal);
      const [port] = structuredClone(body.spec?.ports ?? []);
      if (port) port.nodePort = 31003;
      current = {
        metadata: { name: body.metadata?.name ?? '' },
        spec: { type: body.spec?.type ?? '', ports: port ? [port] : [] },
      };
      return Promise.resolve(current);
    },
    readNode: () => (node ? Promise.resolve(node) : Promise.reject(failure(403, 'Forbidden'))),
  };
  const surroundings = { pod: { name: 'p', namespace: 'n', uid: 'u' }, nodeName: 'node1', wallTime: () => '' };
  const api = { core } as unknown as KubernetesApi;
  return { created, cluster: kubernetesCluster(() => Promise.resolve(api), surroundings) };
}

test('it is made for the pod that has the id, with a port that no other id has', async () => {
  const { created, cluster } = clusterWith({});
  assert.equal(await cluster.ensureExternalService('kafka', 3, 'NodePort'), {
    kind: 'found',
    value: { name: 'kafka-3-external', type: 'NodePort', port: 9097, nodePort: 31003, ingress: [] },
  });
  assert.equal(created[0]?.spec, {
    type: 'NodePort',
    externalTrafficPolicy: 'Cluster',
    selector: { 'app.kubernetes.io/name': 'kafka', 'barnabas.dev/broker-id': '3' },
    ports: [{ name: 'external', port: 9097, targetPort: 9094 }],
  });
});

const balanced: V1Service = {
  metadata: { name: 'kafka-3-external' },
  spec: {
    type: 'LoadBalancer',
    ports: [
      { name: 'metrics', port: 1, nodePort: 30001 },
      { name: 'external', port: 9094, nodePort: 30002 },
    ],
  },
  status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } },
};
const view = {
  name: 'kafka-3-external',
  type: 'LoadBalancer',
  port: 9094,
  nodePort: 30002,
  ingress: [{ ip: '203.0.113.9' }],
};

test('one that is there is taken as it is', async () => {
  const { created, cluster } = clusterWith({ service: balanced });
  assert.equal(await cluster.ensureExternalService('kafka', 3, 'NodePort'), { kind: 'found', value: view });
  assert.equal(created, []);
});

test('one that somebody else made just before is taken too', async () => {
  const { cluster } = clusterWith({ refusal: failure(409, 'AlreadyExists'), raced: balanced });
  assert.equal(await cluster.ensureExternalService('kafka', 3, 'LoadBalancer'), { kind: 'found', value: view });
});

test('without the right to make one, the refusal is told', async () => {
  const { cluster } = clusterWith({ refusal: failure(403, 'Forbidden') });
  const seen = await cluster.ensureExternalService('kafka', 3, 'LoadBalancer');
  assert.equal(seen, { kind: 'unknown', why: 'Forbidden by the test' });
});

test('a Kubernetes node has its addresses, or may not be asked for them', async () => {
  const addresses = [{ type: 'InternalIP', address: '10.0.0.1' }];
  const { cluster } = clusterWith({ node: { status: { addresses } } });
  assert.equal(await cluster.readNodeAddresses(), { kind: 'found', value: addresses });
  assert.equal(await clusterWith({}).cluster.readNodeAddresses(), { kind: 'unknown', why: 'Forbidden by the test' });
});

test.run();
