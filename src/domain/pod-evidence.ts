/**
 * What Kubernetes' API says of a holder's pod, and what it proves.
 *
 * Only the kubelet knows whether a pod's processes are dead. A pod that is not found may run on for ever on a machine cut
 * off from the API (forced deletion, a deleted Node), and a phase of Failed is set by controllers that cannot know either
 * (Source: Kubernetes, "Pod Lifecycle": forced termination, garbage collection of pods). So the statuses of the
 * containers must say that each has terminated, and the pod must be one that will not start them again.
 */
import type { OutsideEvidence } from './evidence.ts';
import type { ClaimRecord } from './record.ts';

/** What the API tells of something; `unknown` where it could not be asked, or refused: that never proves anything. */
export type Learnt<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly why: string };

/** A pod as the API shows it, read from the API server itself and not from a cache; undefined if there is none. */
export interface PodView {
  readonly uid: string;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  /** Whether it has a deletion timestamp. */
  readonly deleting: boolean;
  /** Of every container and every restartable init container: whether the kubelet reports it terminated. */
  readonly terminated: readonly boolean[];
}

/** The Kubernetes node of a holder. */
export interface NodeView {
  /** Whether it has the taint `node.kubernetes.io/out-of-service`: somebody vouches that the machine is off. */
  readonly outOfService: boolean;
}

/**
 * A pod that nobody hears of any more, or that can not end, on a Kubernetes node that somebody has declared over: by
 * deleting it, as cloud controllers do once the machine is gone, or by the taint out-of-service.
 */
export function judgeNode({ node }: Pick<ClaimRecord, 'node'>, view: Learnt<NodeView>): OutsideEvidence | undefined {
  if (node === null || view.kind === 'unknown') return undefined;
  if (view.kind === 'absent') return asserted(`Kubernetes node ${node} was deleted`);
  return view.value.outOfService ? asserted(`Kubernetes node ${node} is declared out of service`) : undefined;
}

const asserted = (detail: string): OutsideEvidence => ({ kind: 'dead', evidence: 'asserted', detail });

export function judgePod({ pod }: Pick<ClaimRecord, 'pod'>, view: PodView | undefined): OutsideEvidence {
  if (!view) return { kind: 'absent', why: 'Kubernetes does not know the pod, which proves nothing of its processes' };
  if (view.uid !== pod.uid) return { kind: 'absent', why: 'another pod has its name, which proves nothing of its end' };
  const final = view.phase === 'Failed' || view.phase === 'Succeeded';
  const ended = view.terminated.length > 0 && view.terminated.every(Boolean);
  if (ended && (final || view.deleting)) {
    const how = view.deleting ? 'it is being deleted' : `its phase is ${view.phase}`;
    return { kind: 'dead', evidence: 'kubelet', detail: `every container has terminated, and ${how}` };
  }
  if (view.deleting) return { kind: 'stopping', why: 'it is being deleted, and its containers have not ended' };
  return { kind: 'unknown', why: final ? `its phase is ${view.phase}, but no kubelet said so` : 'it runs' };
}
