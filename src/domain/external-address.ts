/**
 * Where a client outside Kubernetes reaches one broker, by what the API says of the broker's external Service and of the
 * Kubernetes node that its pod is on.
 */
import type { Learnt } from './pod-evidence.ts';

export type ExternalKind = 'NodePort' | 'LoadBalancer';

/** The external Service of one broker id. */
export interface ExternalService {
  readonly name: string;
  readonly type: string;
  /** Of the Service: what a load balancer listens on. */
  readonly port: number;
  readonly nodePort: number | undefined;
  /** What its load balancer has been given so far. */
  readonly ingress: readonly { readonly ip?: string | undefined; readonly hostname?: string | undefined }[];
}

export interface NodeAddress {
  /** `ExternalIP`, `InternalIP`, `Hostname`, … */
  readonly type: string;
  readonly address: string;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `pending`: it may come yet. */
export type External =
  | { readonly kind: 'found'; readonly endpoint: Endpoint; readonly from: string }
  | { readonly kind: 'pending'; readonly why: string }
  | { readonly kind: 'none'; readonly why: string };

export interface NodeSources {
  readonly addresses: Learnt<readonly NodeAddress[]>;
  /** `--host-ip`: for those who may not ask for the Kubernetes node. */
  readonly hostIp: string | undefined;
}

/** The port is open on every Kubernetes node; the pod's own is the one that is there whenever the broker is. */
export function externalByNode({ name, nodePort }: ExternalService, { addresses, hostIp }: NodeSources): External {
  if (nodePort === undefined) return { kind: 'none', why: `Service ${name} has no nodePort: is it of type NodePort?` };
  const known = addresses.kind === 'found' ? addresses.value : [];
  for (const wanted of ['ExternalIP', 'InternalIP']) {
    const host = known.find(({ type }) => type === wanted)?.address;
    if (host !== undefined) return { kind: 'found', endpoint: { host, port: nodePort }, from: wanted };
  }
  const why = whyNoAddress(addresses);
  if (hostIp === undefined) return { kind: 'none', why: `${why}, and neither --host-ip nor HOST_IP is set` };
  return { kind: 'found', endpoint: { host: hostIp, port: nodePort }, from: `--host-ip, since ${why}` };
}

function whyNoAddress(addresses: NodeSources['addresses']): string {
  if (addresses.kind === 'unknown') return `the Kubernetes node can't be asked for (${addresses.why})`;
  return addresses.kind === 'absent' ? 'the Kubernetes node is not known' : 'the Kubernetes node has no address';
}

/** An IP before a name, which not every client can resolve. */
export function externalByLoadBalancer({ name, type, port, ingress }: ExternalService): External {
  if (type !== 'LoadBalancer') return { kind: 'none', why: `Service ${name} is of type ${type}, not LoadBalancer` };
  const hosts = [...ingress.map(({ ip }) => ip), ...ingress.map(({ hostname }) => hostname)];
  const host = hosts.find((entry) => entry !== undefined && entry !== '');
  if (host === undefined) return { kind: 'pending', why: `Service ${name} has no load balancer yet` };
  return { kind: 'found', endpoint: { host, port }, from: `the load balancer of Service ${name}` };
}
