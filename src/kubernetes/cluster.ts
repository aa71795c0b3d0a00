/** Kubernetes as the surroundings of a broker's pod: what the agent learns there, and what it makes known. */
import type { V1ObjectMeta, V1Service } from '@kubernetes/client-node';
import type { Learnt } from '../domain/pod-evidence.ts';
import type { Pod } from '../domain/record.ts';
import type { BrokerLabels, Kubernetes, PodEvent } from '../ports.ts';
import { attempt, learn, type Attempted, type KubernetesApi } from './api.ts';

/** On a pod: the broker id that it has, by which the id's own Service finds it. */
export const brokerIdLabel = 'barnabas.dev/broker-id';
const generationAnnotation = 'barnabas.dev/claim-generation';
/** The lowest goes first when a ReplicaSet is scaled down (Source: Kubernetes, "ReplicaSet", pod deletion cost). */
const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

export interface Surroundings {
  readonly pod: Pod;
  readonly nodeName: string | undefined;
  readonly wallTime: () => string;
}

/** Connects at the first call. */
export function kubernetesCluster(
  api: () => Promise<KubernetesApi>,
  { pod, nodeName, wallTime }: Surroundings,
): Kubernetes {
  const { name, namespace } = pod;
  return {
    async readReplicas() {
      const { core, apps } = await api();
      const self = await learn(() => core.readNamespacedPod({ name, namespace }));
      if (self.kind !== 'found') return self;
      const owner = self.value.metadata?.ownerReferences?.find(({ controller }) => controller === true);
      if (owner?.kind === 'ReplicaSet') {
        return await learn(async () =>
          replicasOf(await apps.readNamespacedReplicaSet({ name: owner.name, namespace })),
        );
      }
      if (owner?.kind === 'StatefulSet') {
        return await learn(async () =>
          replicasOf(await apps.readNamespacedStatefulSet({ name: owner.name, namespace })),
        );
      }
      return { kind: 'absent' };
    },

    async readPinnedUuid(map): Promise<Learnt<string>> {
      const { core } = await api();
      const found = await learn(() => core.readNamespacedConfigMap({ name: map, namespace }));
      if (found.kind !== 'found') return found;
      const uuid = found.value.data?.['uuid'];
      return uuid === undefined ? { kind: 'absent' } : { kind: 'found', value: uuid };
    },

    async pinUuid(map, uuid) {
      const { core } = await api();
      const body = { metadata: metadataOf(map), data: { uuid } };
      const created = await attempt(() => core.createNamespacedConfigMap({ namespace, body }));
      return created.kind === 'failed' && created.conflict ? 'done' : said(created);
    },

    async labelPod({ brokerId, generation }: BrokerLabels) {
      const { core } = await api();
      const body = {
        metadata: {
          // With another UID the patch is refused: a pod of the same name is not this one.
          ...(pod.uid !== '' && { uid: pod.uid }),
          labels: { [brokerIdLabel]: String(brokerId) },
          annotations: { [generationAnnotation]: String(generation), [deletionCostAnnotation]: String(-brokerId) },
        },
      };
      return said(await attempt(() => core.patchNamespacedPod({ name, namespace, body })));
    },

    async ensureService(prefix, brokerId) {
      const { core } = await api();
      const service = `${prefix}-${brokerId}`;
      const found = await learn(() => core.readNamespacedService({ name: service, namespace }));
      if (found.kind === 'found') return 'done';
      const self = await learn(() => core.readNamespacedPod({ name, namespace }));
      const labels = self.kind === 'found' ? (self.value.metadata?.labels ?? {}) : {};
      const body = serviceOf(service, brokerId, labels);
      const created = await attempt(() => core.createNamespacedService({ namespace, body }));
      return created.kind === 'failed' && created.conflict ? 'done' : said(created);
    },

    async tell({ reason, note, type }: PodEvent) {
      const { events } = await api();
      const body = {
        metadata: { generateName: `${name}-`, namespace },
        eventTime: microTime(wallTime()) as never,
        reportingController: 'barnabas.dev/agent',
        reportingInstance: nodeName ?? name,
        action: 'Claim',
        reason,
        note: note.slice(0, 1024),
        type,
        regarding: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid: pod.uid },
      };
      return said(await attempt(() => events.createNamespacedEvent({ namespace, body })));
    },
  };
}

const said = (attempted: Attempted): 'done' | { readonly why: string } =>
  attempted.kind === 'done' ? 'done' : { why: attempted.why };

const replicasOf = ({ spec }: { spec?: { replicas?: number } }): number => spec?.replicas ?? 1;

const metadataOf = (name: string): V1ObjectMeta => ({
  name,
  labels: { 'app.kubernetes.io/managed-by': 'barnabas' },
});

/** The name of one broker, wherever its pod is; found before it is ready, since brokers meet each other by it. */
function serviceOf(name: string, brokerId: number, podLabels: Readonly<Record<string, string>>): V1Service {
  const shared = Object.entries(podLabels).filter(([key]) => /^app\.kubernetes\.io\/(name|instance)$/.test(key));
  return {
    metadata: metadataOf(name),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: { ...Object.fromEntries(shared), [brokerIdLabel]: String(brokerId) },
      ports: [{ name: 'kafka', port: 9092 }],
    },
  };
}

/** The API wants microseconds. */
const microTime = (wallTime: string): string => wallTime.replace(/\.(\d{3})Z$/, '.$1000Z');
