/** From the API's objects to what Barnabas looks at. */
import type { V1Node, V1Pod, V1Service } from '@kubernetes/client-node';
import type { ExternalService } from '../domain/external-address.ts';
import type { NodeView, PodView } from '../domain/pod-evidence.ts';

/** Of the port on an external Service. */
export const externalPortName = 'external';

export function viewOfPod({ metadata, spec, status }: V1Pod): PodView {
  return {
    uid: metadata?.uid ?? '',
    phase: (status?.phase ?? 'Unknown') as PodView['phase'],
    deleting: metadata?.deletionTimestamp !== undefined,
    terminated: [
      ...(spec?.containers ?? []).map(({ name }) => hasTerminated(name, status?.containerStatuses)),
      ...(spec?.initContainers ?? [])
        .filter(({ restartPolicy }) => restartPolicy === 'Always')
        .map(({ name }) => hasTerminated(name, status?.initContainerStatuses)),
    ],
  };
}

type Statuses = NonNullable<V1Pod['status']>['containerStatuses'];

/** One that never started has not terminated: nothing is known of it. */
const hasTerminated = (name: string, statuses: Statuses): boolean =>
  statuses?.find((status) => status.name === name)?.state?.terminated !== undefined;

export const viewOfNode = ({ spec }: V1Node): NodeView => ({
  outOfService: (spec?.taints ?? []).some(({ key }) => key === 'node.kubernetes.io/out-of-service'),
});

/** One with a port for other things too calls ours `external`. */
export function viewOfExternalService({ metadata, spec, status }: V1Service): ExternalService {
  const ports = spec?.ports ?? [];
  const port = ports.find(({ name }) => name === externalPortName) ?? ports[0];
  return {
    name: metadata?.name ?? '',
    type: spec?.type ?? 'ClusterIP',
    port: port?.port ?? 0,
    nodePort: port?.nodePort,
    ingress: status?.loadBalancer?.ingress ?? [],
  };
}
