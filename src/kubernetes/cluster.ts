/** Kubernetes as the surroundings of a broker's pod: what the agent learns there, and what it makes known. */
import type { Learnt } from '../domain/pod-evidence.ts';
import type { PodEvent } from '../domain/pod-event.ts';
import type { Pod } from '../domain/record.ts';
import type { Kubernetes, Told } from '../ports-cluster.ts';
import { attempt, learn, type Attempted, type KubernetesApi } from './api.ts';
import { brokerIdLabel, externalServiceOf, headlessServiceOf, metadataOf } from './services.ts';
import { viewOfExternalService } from './views.ts';

export const generationAnnotation = 'barnabas.dev/claim-generation';
/** How the pod came to its id: for people. */
export const claimAnnotation = 'barnabas.dev/claim';
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
  const labelsOfPod = async (): Promise<Readonly<Record<string, string>>> => {
    const { core } = await api();
    const self = await learn(() => core.readNamespacedPod({ name, namespace }));
    return self.kind === 'found' ? (self.value.metadata?.labels ?? {}) : {};
  };
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

    async labelPod(story) {
      const { brokerId, generation } = story;
      const { core } = await api();
      const body = {
        metadata: {
          // With another UID the patch is refused: a pod of the same name is not this one.
          ...(pod.uid !== '' && { uid: pod.uid }),
          labels: { [brokerIdLabel]: String(brokerId) },
          annotations: {
            [generationAnnotation]: String(generation),
            [claimAnnotation]: JSON.stringify(story),
            [deletionCostAnnotation]: String(-brokerId),
          },
        },
      };
      return said(await attempt(() => core.patchNamespacedPod({ name, namespace, body })));
    },

    async ensureService(prefix, brokerId) {
      const { core } = await api();
      const service = `${prefix}-${brokerId}`;
      const found = await learn(() => core.readNamespacedService({ name: service, namespace }));
      if (found.kind === 'found') return 'done';
      const body = headlessServiceOf(service, brokerId, await labelsOfPod());
      const created = await attempt(() => core.createNamespacedService({ namespace, body }));
      return created.kind === 'failed' && created.conflict ? 'done' : said(created);
    },

    async ensureExternalService(prefix, brokerId, kind) {
      const { core } = await api();
      const service = `${prefix}-${brokerId}-external`;
      const read = () =>
        learn(async () => viewOfExternalService(await core.readNamespacedService({ name: service, namespace })));
      const found = await read();
      if (found.kind !== 'absent') return found;
      const body = externalServiceOf(service, { brokerId, podLabels: await labelsOfPod(), kind });
      const created = await attempt(() => core.createNamespacedService({ namespace, body }));
      return created.kind === 'done' || created.conflict ? await read() : { kind: 'unknown', why: created.why };
    },

    async readNodeAddresses() {
      if (nodeName === undefined) return { kind: 'unknown', why: 'neither --node-name nor NODE_NAME is set' };
      const { core } = await api();
      return await learn(async () => (await core.readNode({ name: nodeName })).status?.addresses ?? []);
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

const said = (attempted: Attempted): Told =>
  attempted.kind === 'done' ? 'done' : { why: attempted.why, silent: attempted.silent };

const replicasOf = ({ spec }: { spec?: { replicas?: number } }): number => spec?.replicas ?? 1;

/** The API wants microseconds. */
const microTime = (wallTime: string): string => wallTime.replace(/\.(\d{3})Z$/, '.$1000Z');
