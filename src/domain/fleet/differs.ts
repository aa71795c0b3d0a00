/**
 * What of a pod is not as its ReplicaSet's template says now (docs/decisions/0015).
 *
 * The API server writes its defaults into the template as it does into pods, so whatever the template says must stand in
 * the pod, word for word. What the pod has besides was removed from the template, or added by the cluster when the pod
 * was made: that is told from the pod's age alone.
 */
import type { FleetPod, Owner } from './fleet.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** Paths such as `spec.containers[kafka].env[KAFKA_HEAP_OPTS].value`; empty for a pod of the current template. */
export function differencesOf(pod: FleetPod, { template, templateAt }: Owner): string[] {
  const seen: Seen = { differing: [], besides: [] };
  compare(template.labels, pod.mould.labels, { path: 'labels', seen });
  compare(template.annotations, pod.mould.annotations, { path: 'annotations', seen });
  compare(template.spec, pod.mould.spec, { path: 'spec', seen });
  // Labels and annotations are put on pods by anybody at any time.
  const besides = seen.besides.filter((path) => path.startsWith('spec') && !addedByTheSystem.test(path));
  return isOlder(pod, templateAt) ? [...seen.differing, ...besides] : seen.differing;
}

/** Both times are the API server's. Where one is missing, the pod may be older. */
const isOlder = ({ createdAt }: FleetPod, templateAt: string | null): boolean =>
  createdAt === null || templateAt === null || Date.parse(createdAt) < Date.parse(templateAt);

/** Source: Kubernetes' scheduler, service account and other default admission, `kubectl debug`. */
const addedByTheSystem = new RegExp(
  [
    '^spec\\.(nodeName|hostname|subdomain|serviceAccount|serviceAccountName|imagePullSecrets)\\b',
    '^spec\\.(priority|preemptionPolicy|enableServiceLinks|overhead|schedulingGates|ephemeralContainers)\\b',
    '^spec\\.tolerations\\[.*node\\.kubernetes\\.io/',
    '^spec\\.volumes\\[kube-api-access-',
    '\\.volumeMounts\\[/var/run/secrets/kubernetes\\.io/serviceaccount\\]',
    '\\.resources\\b',
  ].join('|'),
);

interface Seen {
  readonly differing: string[];
  readonly besides: string[];
}

interface Place {
  readonly path: string;
  readonly seen: Seen;
}

function compare(wanted: unknown, found: unknown, { path, seen }: Place): void {
  if (Array.isArray(wanted)) return compareLists(wanted, Array.isArray(found) ? found : [], { path, seen });
  if (!isMapping(wanted) || !isMapping(found)) {
    if (JSON.stringify(wanted) !== JSON.stringify(found)) seen.differing.push(path);
    return;
  }
  for (const [key, value] of Object.entries(wanted)) compare(value, found[key], { path: `${path}.${key}`, seen });
  for (const key of Object.keys(found)) if (!(key in wanted)) tellBesides(found[key], { path: `${path}.${key}`, seen });
}

/** Lists of things with a name are compared by it, for the cluster adds to them; words must be the same, in order. */
function compareLists(wanted: readonly unknown[], found: readonly unknown[], { path, seen }: Place): void {
  if (![...wanted, ...found].every(isMapping)) {
    if (JSON.stringify(wanted) !== JSON.stringify(found)) seen.differing.push(path);
    return;
  }
  const left = new Map(found.map((item) => [nameOf(item), item]));
  for (const item of wanted) {
    const name = nameOf(item);
    const place = { path: `${path}[${name}]`, seen };
    if (left.has(name)) compare(item, left.get(name), place);
    else seen.differing.push(place.path);
    left.delete(name);
  }
  for (const name of left.keys()) seen.besides.push(`${path}[${name}]`);
}

/** A list is told item by item: some of it may be the cluster's. */
function tellBesides(found: unknown, { path, seen }: Place): void {
  if (Array.isArray(found) && found.every(isMapping)) compareLists([], found, { path, seen });
  else seen.besides.push(path);
}

function nameOf(item: unknown): string {
  const { mountPath, containerPort, protocol, name } = item as Mapping;
  if (typeof mountPath === 'string') return mountPath;
  if (typeof containerPort === 'number') return `${containerPort}/${typeof protocol === 'string' ? protocol : 'TCP'}`;
  return typeof name === 'string' ? name : JSON.stringify(item);
}

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
