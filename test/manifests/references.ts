/** Names that one object has of another: whoever is named has to be there. */
import type {
  V1Container,
  V1NetworkPolicy,
  V1PodDisruptionBudget,
  V1PodSpec,
  V1RoleBinding,
  V1Service,
  V1Volume,
} from '@kubernetes/client-node';
import type { Manifest } from './render.ts';
import { containersOf, hasLabels, nameOf, workloadsOf, type Labels, type Workload } from './workloads.ts';

/** What is named and not there, or selects nothing; one line for each. */
export function dangling(manifests: readonly Manifest[]): string[] {
  const all = new Set(manifests.map(nameOf));
  const workloads = workloadsOf(manifests);
  return manifests.flatMap((manifest) => {
    const named = namesIn(manifest).filter((name) => !all.has(name) && !givenByKubernetes.has(name));
    return [...named.map((name) => `there is no ${name}`), ...selectionFaults(manifest, workloads)].map(
      (fault) => `${nameOf(manifest)}: ${fault}`,
    );
  });
}

/** Every namespace has it. */
const givenByKubernetes = new Set(['ConfigMap kube-root-ca.crt']);

function namesIn(manifest: Manifest): string[] {
  const named = manifest.metadata.namespace === undefined ? [] : [`Namespace ${manifest.metadata.namespace}`];
  const [workload] = workloadsOf([manifest]);
  if (workload) return [...named, ...namesInWorkload(workload)];
  if (!/RoleBinding$/.test(manifest.kind)) return named;
  const { roleRef, subjects = [] } = manifest as unknown as V1RoleBinding;
  return [...named, `${roleRef.kind} ${roleRef.name}`, ...subjects.map(({ kind, name }) => `${kind} ${name}`)];
}

function namesInWorkload({ spec }: Workload): string[] {
  const pod = spec.template.spec;
  return [
    ...(spec.serviceName === undefined ? [] : [`Service ${spec.serviceName}`]),
    ...(pod.serviceAccountName === undefined ? [] : [`ServiceAccount ${pod.serviceAccountName}`]),
    ...(pod.volumes ?? []).flatMap(namesInVolume),
    ...containersOf(pod).flatMap(namesInContainer),
  ];
}

function namesInVolume({ configMap, secret, persistentVolumeClaim: claim, projected }: V1Volume): string[] {
  const sources = projected?.sources ?? [];
  return [
    ...names('ConfigMap', [configMap?.name, ...sources.map((source) => source.configMap?.name)]),
    ...names('Secret', [secret?.secretName, ...sources.map((source) => source.secret?.name)]),
    ...names('PersistentVolumeClaim', [claim?.claimName]),
  ];
}

function namesInContainer({ env = [], envFrom = [] }: V1Container): string[] {
  const of = env.map(({ valueFrom }) => valueFrom);
  // An address such as zookeeper:2181 names a Service too.
  const hosts = env.map(({ value }) => /^([a-z][a-z0-9-]*):\d+$/.exec(value ?? '')?.[1]);
  return [
    ...names('ConfigMap', [
      ...envFrom.map((source) => source.configMapRef?.name),
      ...of.map((source) => source?.configMapKeyRef?.name),
    ]),
    ...names('Secret', [
      ...envFrom.map((source) => source.secretRef?.name),
      ...of.map((source) => source?.secretKeyRef?.name),
    ]),
    ...names('Service', hosts),
  ];
}

const names = (kind: string, list: readonly (string | undefined)[]): string[] =>
  list.filter((name) => name !== undefined).map((name) => `${kind} ${name}`);

function selectionFaults(manifest: Manifest, workloads: readonly Workload[]): string[] {
  const [own] = workloadsOf([manifest]);
  if (own) return workloadFaults(own);
  const selectors = selectorsOf(manifest);
  const empty = selectors.filter((labels) => !workloads.some((workload) => hasLabels(workload, labels)));
  const faults = empty.map((labels) => `selects no pod: ${JSON.stringify(labels)}`);
  return manifest.kind === 'Service' ? [...faults, ...portFaults(manifest, workloads)] : faults;
}

function selectorsOf(manifest: Manifest): Labels[] {
  switch (manifest.kind) {
    case 'Service':
      return [(manifest as V1Service).spec?.selector ?? {}];
    case 'PodDisruptionBudget':
      return [(manifest as V1PodDisruptionBudget).spec?.selector?.matchLabels ?? {}];
    case 'NetworkPolicy':
      return allSelectors((manifest as V1NetworkPolicy).spec);
    default:
      return [];
  }
}

/** Every podSelector that stands anywhere in a policy. */
function allSelectors(value: unknown): Labels[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) =>
    key === 'podSelector' ? [(entry as { matchLabels?: Labels }).matchLabels ?? {}] : allSelectors(entry),
  );
}

function workloadFaults(workload: Workload): string[] {
  const { selector, template, volumeClaimTemplates = [] } = workload.spec;
  const spread = (template.spec.topologySpreadConstraints ?? []).map(({ labelSelector }) => labelSelector?.matchLabels);
  const claims = volumeClaimTemplates.map(({ metadata }) => metadata?.name ?? '');
  const volumes = [...(template.spec.volumes ?? []).map(({ name }) => name), ...claims];
  const mounts = containersOf(template.spec).flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name));
  const labels = template.metadata?.labels ?? {};
  const isOwn = (wanted: Labels = {}): boolean =>
    Object.keys(wanted).length > 0 && Object.entries(wanted).every(([key, value]) => labels[key] === value);
  return [
    ...[selector.matchLabels, ...spread].filter((wanted) => !isOwn(wanted)).map(() => 'does not select its own pods'),
    ...mounts.filter((name) => !volumes.includes(name)).map((name) => `there is no volume ${name}`),
    ...volumes.filter((name) => !mounts.includes(name)).map((name) => `nobody mounts the volume ${name}`),
    ...probedPorts(template.spec)
      .filter((port) => !portsOf(template.spec).includes(port))
      .map((port) => `nothing listens on the probed port ${port}`),
  ];
}

const portsOf = (pod: V1PodSpec): number[] =>
  containersOf(pod).flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));

const probedPorts = (pod: V1PodSpec): number[] =>
  containersOf(pod)
    .flatMap(({ livenessProbe, readinessProbe, startupProbe }) => [livenessProbe, readinessProbe, startupProbe])
    .flatMap((probe) => [probe?.httpGet?.port, probe?.tcpSocket?.port])
    .filter((port) => port !== undefined)
    .map(Number);

function portFaults({ spec }: V1Service, workloads: readonly Workload[]): string[] {
  const behind = workloads.filter((workload) => hasLabels(workload, spec?.selector ?? {}));
  const open = behind.flatMap((workload) => portsOf(workload.spec.template.spec));
  const wanted = (spec?.ports ?? []).map(({ port, targetPort }) => Number(targetPort ?? port));
  return wanted.filter((port) => !open.includes(port)).map((port) => `no pod behind it has the port ${port}`);
}
