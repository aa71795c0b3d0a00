/** The Services that one broker id has. */
import type { V1ObjectMeta, V1Service } from '@kubernetes/client-node';
import type { ExternalKind } from '../domain/external-address.ts';
import { externalPort } from '../domain/properties/external.ts';
import { externalPortName } from './views.ts';

/** On a pod: the broker id that it has, by which the id's own Services find it. */
export const brokerIdLabel = 'barnabas.dev/broker-id';

export const metadataOf = (name: string): V1ObjectMeta => ({
  name,
  labels: { 'app.kubernetes.io/managed-by': 'barnabas' },
});

type Labels = Readonly<Record<string, string>>;

function selectorOf(brokerId: number, podLabels: Labels): Record<string, string> {
  const shared = Object.entries(podLabels).filter(([key]) => /^app\.kubernetes\.io\/(name|instance)$/.test(key));
  return { ...Object.fromEntries(shared), [brokerIdLabel]: String(brokerId) };
}

/** The name of one broker, wherever its pod is; found before it is ready, since brokers meet each other by it. */
export const headlessServiceOf = (name: string, brokerId: number, podLabels: Labels): V1Service => ({
  metadata: metadataOf(name),
  spec: {
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    selector: selectorOf(brokerId, podLabels),
    ports: [{ name: 'kafka', port: 9092 }],
  },
});

export interface ExternalServiceOrder {
  readonly brokerId: number;
  readonly podLabels: Labels;
  readonly kind: ExternalKind;
}

/**
 * The way in from outside to one broker, by any Kubernetes node. Its port differs from id to id: there are load balancers
 * that put all Services on one address (k3s, `minikube tunnel`). Not for a broker that is not ready: a pod on a lost
 * Kubernetes node keeps its label for as long as nobody deletes it.
 */
export const externalServiceOf = (name: string, { brokerId, podLabels, kind }: ExternalServiceOrder): V1Service => ({
  metadata: metadataOf(name),
  spec: {
    type: kind,
    externalTrafficPolicy: 'Cluster',
    selector: selectorOf(brokerId, podLabels),
    ports: [{ name: externalPortName, port: externalPort + brokerId, targetPort: externalPort }],
  },
});
