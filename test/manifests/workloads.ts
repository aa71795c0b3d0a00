/** What runs pods, and the pods that it makes. */
import type { V1Container, V1ObjectMeta, V1PodSpec, V1StatefulSet } from '@kubernetes/client-node';
import type { Manifest } from './render.ts';

export interface Workload extends Manifest {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels?: Labels };
    readonly template: PodTemplate;
  } & Pick<NonNullable<V1StatefulSet['spec']>, 'serviceName' | 'volumeClaimTemplates'>;
}

export interface PodTemplate {
  readonly metadata?: V1ObjectMeta;
  readonly spec: V1PodSpec;
}

export type Labels = Readonly<Record<string, string>>;

export const workloadsOf = (manifests: readonly Manifest[]): Workload[] =>
  manifests.filter((manifest): manifest is Workload => 'template' in ((manifest as Partial<Workload>).spec ?? {}));

export const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;

export const containersOf = ({ initContainers = [], containers }: V1PodSpec): V1Container[] => [
  ...initContainers,
  ...containers,
];

/** Labels that a pod has only once it runs. */
const runtimeLabels: Readonly<Record<string, readonly string[]>> = {
  ReplicaSet: ['barnabas.dev/broker-id'],
  StatefulSet: ['apps.kubernetes.io/pod-index'],
};

/** Whether a workload's pods have these labels, or will. */
export function hasLabels({ kind, spec }: Workload, wanted: Labels): boolean {
  const labels = spec.template.metadata?.labels ?? {};
  return Object.entries(wanted).every(([key, value]) => labels[key] === value || runtimeLabels[kind]?.includes(key));
}
