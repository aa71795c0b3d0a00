/** The brokers' pods of a namespace as Kubernetes shows them, and who keeps up their number. */
import type { ClaimStory } from '../claim-story.ts';

/** Times are ISO 8601 by the API's clock, for people; null where there is none. */
type Time = string | null;

export interface Fleet {
  readonly namespace: string;
  readonly owners: readonly Owner[];
  readonly pods: readonly FleetPod[];
}

/** A ReplicaSet or StatefulSet of brokers. */
export interface Owner {
  readonly kind: 'ReplicaSet' | 'StatefulSet';
  readonly name: string;
  readonly uid: string;
  readonly replicas: number;
  /** The Deployment above a ReplicaSet. */
  readonly deployment: string | null;
  /** The pod template, as plain JSON. */
  readonly template: PodMould;
  /** When something was last set by somebody who has set something of the template. */
  readonly templateAt: Time;
}

/** What a pod is made of: of a template, or of a pod. */
export interface PodMould {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: unknown;
}

export interface FleetPod {
  readonly name: string;
  readonly uid: string;
  readonly ip: string | null;
  /** The Kubernetes node. */
  readonly node: string | null;
  /** Of the owner; null where nobody keeps up its number. */
  readonly ownerUid: string | null;
  readonly brokerId: number | null;
  readonly generation: number | null;
  readonly claim: ClaimStory | null;
  readonly phase: string;
  readonly ready: boolean;
  /** Why the scheduler has found no place for it. */
  readonly unscheduled: string | null;
  /** Until when it may end in peace. */
  readonly deletingUntil: Time;
  readonly createdAt: Time;
  readonly containers: readonly ContainerView[];
  /** The claim (pvc) that is mounted as the agent's volume. */
  readonly pvc: string | null;
  readonly mould: PodMould;
}

export interface ContainerView {
  readonly name: string;
  /** Whether the agent runs in it. */
  readonly agent: boolean;
  readonly restarts: number;
  readonly state: ContainerState;
  /** How it ended the last time. */
  readonly last: Ended | null;
}

export type ContainerState =
  | { readonly kind: 'running'; readonly since: Time }
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | ({ readonly kind: 'ended' } & Ended);

export interface Ended {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly at: Time;
}

export interface EventView {
  readonly podUid: string;
  readonly at: Time;
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  /** How often it was seen. */
  readonly count: number;
}

/** A Service that selects one broker. */
export interface BrokerService {
  readonly name: string;
  readonly brokerId: number;
}

export const isLeaving = ({ deletingUntil }: FleetPod): boolean => deletingUntil !== null;

export const restartsOf = ({ containers }: FleetPod): number =>
  containers.reduce((sum, { restarts }) => sum + restarts, 0);

/** By id, then those without one; the leaving after those that stay. */
export function inOrder(pods: readonly FleetPod[]): FleetPod[] {
  const rank = ({ brokerId }: FleetPod): number => brokerId ?? Infinity;
  const by = (a: FleetPod, b: FleetPod): number =>
    (rank(a) === rank(b) ? 0 : rank(a) - rank(b)) ||
    Number(isLeaving(a)) - Number(isLeaving(b)) ||
    a.name.localeCompare(b.name);
  return [...pods].sort(by);
}
