import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  externalByLoadBalancer,
  externalByNode,
  type External,
  type ExternalService,
  type NodeSources,
} from '../../src/domain/external-address.ts';

const test = suite('where clients outside reach a broker');

const service: ExternalService = { name: 'k-1-external', type: 'NodePort', port: 9095, nodePort: 31001, ingress: [] };
const internal = { type: 'InternalIP', address: '192.168.49.2' };
const external = { type: 'ExternalIP', address: '203.0.113.7' };
const host = { type: 'Hostname', address: 'minikube' };

/** `host:port from`, or why not. */
const said = (seen: External): string =>
  seen.kind === 'found' ? `${seen.endpoint.host} ${seen.endpoint.port} ${seen.from}` : `${seen.kind}: ${seen.why}`;

const found = (...value: (typeof internal)[]): NodeSources['addresses'] => ({ kind: 'found', value });
const refused = { kind: 'unknown', why: 'nodes is forbidden' } as const;

const nodes: readonly (readonly [string, NodeSources['addresses'], string | undefined, string])[] = [
  ['its external address first', found(host, internal, external), '10.9.9.9', '203.0.113.7 31001 ExternalIP'],
  ['else its internal one', found(host, internal), '10.9.9.9', '192.168.49.2 31001 InternalIP'],
  [
    'no right to ask, but the downward API',
    refused,
    '10.9.9.9',
    "10.9.9.9 31001 --host-ip, since the Kubernetes node can't be asked for (nodes is forbidden)",
  ],
  [
    'a node without an address that is one',
    found(host),
    '10.9.9.9',
    '10.9.9.9 31001 --host-ip, since the Kubernetes node has no address',
  ],
  [
    'nothing at all',
    refused,
    undefined,
    "none: the Kubernetes node can't be asked for (nodes is forbidden), and neither --host-ip nor HOST_IP is set",
  ],
  [
    'a node that was deleted',
    { kind: 'absent' },
    undefined,
    'none: the Kubernetes node is not known, and neither --host-ip nor HOST_IP is set',
  ],
];
for (const [name, addresses, hostIp, expected] of nodes) {
  test(`by the Kubernetes node: ${name}`, () => {
    assert.is(said(externalByNode(service, { addresses, hostIp })), expected);
  });
}

test('by the Kubernetes node: a Service that is open on none', () => {
  const closed = { ...service, type: 'ClusterIP', nodePort: undefined };
  assert.is(
    said(externalByNode(closed, { addresses: found(internal), hostIp: '10.9.9.9' })),
    'none: Service k-1-external has no nodePort: is it of type NodePort?',
  );
});

const balancers: readonly (readonly [string, Partial<ExternalService>, string])[] = [
  ['its address', { ingress: [{ ip: '203.0.113.9' }] }, '203.0.113.9 9095 the load balancer of Service k-1-external'],
  ['its name', { ingress: [{ hostname: 'lb.test' }] }, 'lb.test 9095 the load balancer of Service k-1-external'],
  [
    'an address before a name',
    { ingress: [{ hostname: 'lb.test' }, { ip: 'fd00::9' }] },
    'fd00::9 9095 the load balancer of Service k-1-external',
  ],
  ['none yet', {}, 'pending: Service k-1-external has no load balancer yet'],
  ['an empty one', { ingress: [{ ip: '' }] }, 'pending: Service k-1-external has no load balancer yet'],
  [
    'another type of Service',
    { type: 'NodePort', ingress: [{ ip: '203.0.113.9' }] },
    'none: Service k-1-external is of type NodePort, not LoadBalancer',
  ],
];
for (const [name, given, expected] of balancers) {
  test(`by a load balancer: ${name}`, () => {
    assert.is(said(externalByLoadBalancer({ ...service, type: 'LoadBalancer', ...given })), expected);
  });
}

test.run();
