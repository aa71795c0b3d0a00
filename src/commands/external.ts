/** What clients outside Kubernetes are told of a claimed id. Where that can't be learnt, the broker starts without it. */
import {
  externalByLoadBalancer,
  externalByNode,
  type Endpoint,
  type External,
  type ExternalKind,
} from '../domain/external-address.ts';
import type { World } from '../ports.ts';
import type { Kubernetes } from '../ports-cluster.ts';

/** How long a load balancer may take to come: beyond that, a broker that the cluster waits for is worth more. */
const loadBalancerMs = 60_000;
const pollMs = 1000;

export interface ExternalOrder {
  readonly kubernetes: Kubernetes | undefined;
  readonly settings: {
    readonly external: ExternalKind | undefined;
    readonly service: string | undefined;
    readonly hostIp: string | undefined;
  };
}

type Waiting = Pick<World, 'clock' | 'log' | 'signal'>;

export async function learnExternal(
  { kubernetes, settings }: ExternalOrder,
  brokerId: number,
  world: Waiting,
): Promise<Endpoint | undefined> {
  const { external, service, hostIp } = settings;
  if (external === undefined || service === undefined) return undefined;
  const look = (): Promise<External> =>
    kubernetes ? lookOnce(kubernetes, { external, service, hostIp, brokerId }) : Promise.resolve(noKubernetes);
  const seen = await patiently(look, world);
  if (seen.kind === 'found') {
    const { endpoint, from } = seen;
    world.log.info('clients outside are told this address', { brokerId, ...endpoint, from });
    return endpoint;
  }
  world.log.warn('there is no listener for clients outside', { brokerId, why: seen.why });
  return undefined;
}

const noKubernetes: External = {
  kind: 'none',
  why: 'this is no pod of Kubernetes, or one without namespace or token',
};

interface Wanted {
  readonly external: ExternalKind;
  readonly service: string;
  readonly hostIp: string | undefined;
  readonly brokerId: number;
}

async function lookOnce(kubernetes: Kubernetes, { external, service, hostIp, brokerId }: Wanted): Promise<External> {
  const found = await kubernetes.ensureExternalService(service, brokerId, external);
  if (found.kind === 'absent') return { kind: 'none', why: `Service ${service}-${brokerId}-external is gone again` };
  if (found.kind === 'unknown') return { kind: 'none', why: found.why };
  if (external === 'LoadBalancer') return externalByLoadBalancer(found.value);
  return externalByNode(found.value, { addresses: await kubernetes.readNodeAddresses(), hostIp });
}

async function patiently(look: () => Promise<External>, { clock, log, signal }: Waiting): Promise<External> {
  const untilMs = clock.nowMs() + loadBalancerMs;
  let seen = await look();
  if (seen.kind === 'pending') log.info('waiting for a load balancer', { why: seen.why, leftS: loadBalancerMs / 1000 });
  while (seen.kind === 'pending' && clock.nowMs() < untilMs && !signal.aborted) {
    await clock.pause(pollMs, signal);
    seen = await look();
  }
  return seen;
}
