/** From the API's objects to what people's commands look at. */
import type {
  V1Container,
  V1ContainerStatus,
  V1ObjectMeta,
  V1Pod,
  V1PodSpec,
  V1ReplicaSet,
  V1StatefulSet,
} from '@kubernetes/client-node';
import { parseStory } from '../domain/claim-story.ts';
import type { ContainerState, ContainerView, Ended, FleetPod, Owner, PodMould } from '../domain/fleet/fleet.ts';
import { claimAnnotation, generationAnnotation } from './cluster.ts';
import { brokerIdLabel } from './services.ts';

export const timeOf = (time: Date | undefined): string | null => (time ? new Date(time).toISOString() : null);

/** The API's classes hold dates and undefined; a spec has neither as JSON. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? {}));

const hasAgent = ({ env }: Pick<V1Container, 'env'>): boolean =>
  env?.some(({ name }) => name.startsWith('BARNABAS_')) ?? false;

/** Whether the agent is in one of its containers: it has settings there. */
export const isOfBrokers = (spec: unknown): boolean => containersOf(spec as Partial<V1PodSpec>).some(hasAgent);

const containersOf = ({ initContainers = [], containers = [] }: Partial<V1PodSpec>): V1Container[] => [
  ...initContainers,
  ...containers,
];

export function ownerOf(kind: Owner['kind'], { metadata = {}, spec }: V1ReplicaSet | V1StatefulSet): Owner {
  const { name = '', uid = '', ownerReferences = [] } = metadata;
  return {
    ...{ kind, name, uid },
    replicas: spec?.replicas ?? 1,
    deployment: ownerReferences.find((owner) => owner.kind === 'Deployment')?.name ?? null,
    template: mouldOf(spec?.template ?? {}),
    templateAt: templateTime(metadata),
  };
}

function mouldOf({ metadata = {}, spec }: Pick<V1Pod, 'metadata' | 'spec'>): PodMould {
  const { labels = {}, annotations = {} } = metadata;
  return { labels, annotations, spec: plain(spec) };
}

/** The last change of any field by somebody who set something of the template: at that time, or before it. */
function templateTime({ managedFields = [] }: V1ObjectMeta): string | null {
  const times = managedFields
    .filter(({ fieldsV1 }) => ownsTemplate(fieldsV1))
    .flatMap(({ time }) => timeOf(time) ?? []);
  return times.sort().at(-1) ?? null;
}

/** Source: Kubernetes, "Server-Side Apply", managed fields. */
function ownsTemplate(fields: unknown): boolean {
  const spec = (fields as { 'f:spec'?: { 'f:template'?: unknown } } | undefined)?.['f:spec'];
  return spec?.['f:template'] !== undefined;
}

export function podOf(pod: V1Pod): FleetPod {
  return { ...identityOf(pod.metadata ?? {}), ...conditionOf(pod), ...partsOf(pod), mould: mouldOf(pod) };
}

function identityOf({ name = '', uid = '', labels = {}, annotations = {}, ...metadata }: V1ObjectMeta) {
  return {
    ...{ name, uid },
    ownerUid: metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid ?? null,
    brokerId: numberIn(labels[brokerIdLabel]),
    generation: numberIn(annotations[generationAnnotation]),
    claim: parseStory(annotations[claimAnnotation]) ?? null,
    deletingUntil: timeOf(metadata.deletionTimestamp),
    createdAt: timeOf(metadata.creationTimestamp),
  };
}

function conditionOf({ status = {} }: V1Pod) {
  const { conditions = [], phase = 'Unknown', podIP } = status;
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  return {
    phase,
    ip: podIP ?? null,
    ready: conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    unscheduled: scheduled?.status === 'False' ? (scheduled.message ?? '') : null,
  };
}

function partsOf({ spec = { containers: [] }, status }: V1Pod) {
  const containers = containersOf(spec).map((container) => containerOf(container, status));
  return { node: spec.nodeName ?? null, containers, pvc: pvcOf(spec) };
}

const numberIn = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;

function containerOf(container: V1Container, status: V1Pod['status']): ContainerView {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const own = all.find(({ name }) => name === container.name);
  const last = own?.lastState?.terminated;
  return {
    name: container.name,
    agent: hasAgent(container),
    restarts: own?.restartCount ?? 0,
    state: stateOf(own),
    last: last ? endedOf(last) : null,
  };
}

function stateOf(status: V1ContainerStatus | undefined): ContainerState {
  const { running, terminated, waiting } = status?.state ?? {};
  if (running) return { kind: 'running', since: timeOf(running.startedAt) };
  if (terminated) return { kind: 'ended', ...endedOf(terminated) };
  return { kind: 'waiting', reason: waiting?.reason ?? '', message: waiting?.message ?? '' };
}

type Terminated = NonNullable<NonNullable<V1ContainerStatus['state']>['terminated']>;

const endedOf = ({ exitCode, reason = '', message = '', finishedAt }: Terminated): Ended => ({
  status: exitCode,
  reason,
  message,
  at: timeOf(finishedAt),
});

/** Of what is mounted where the agent has its volume. */
function pvcOf(spec: Partial<V1PodSpec>): string | null {
  const agent = containersOf(spec).find(hasAgent);
  const path = agent?.env?.find(({ name }) => name === 'BARNABAS_VOLUME')?.value;
  const mount = agent?.volumeMounts?.find(({ mountPath }) => mountPath === path);
  const volume = spec.volumes?.find(({ name }) => name === mount?.name);
  return volume?.persistentVolumeClaim?.claimName ?? null;
}
