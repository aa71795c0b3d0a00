/**
 * Everything the program can do to a cluster: an agent, which does without what it can't have, and a person's commands,
 * whose failures are BarnabasErrors.
 */
import type { ClaimStory } from './domain/claim-story.ts';
import type { ExternalKind, ExternalService, NodeAddress } from './domain/external-address.ts';
import type { BrokerService, EventView, Fleet, FleetPod } from './domain/fleet/fleet.ts';
import type { Learnt } from './domain/pod-evidence.ts';
import type { PodEvent } from './domain/pod-event.ts';

/**
 * Kubernetes around this pod. What can't be learnt or done is told, and never stops a broker: a claim does without.
 */
export interface Kubernetes {
  /** Of the ReplicaSet or StatefulSet that owns this pod; absent if neither does. */
  readReplicas(): Promise<Learnt<number>>;
  /** The UUID that the volume must have, from the ConfigMap of that name. */
  readPinnedUuid(map: string): Promise<Learnt<string>>;
  pinUuid(map: string, uuid: string): Promise<Told>;
  /** Makes the broker id and its claim known on this pod: its Service selects it by that. */
  labelPod(story: ClaimStory): Promise<Told>;
  /** The headless Service `<prefix>-<id>`, made if it is not there. */
  ensureService(prefix: string, brokerId: number): Promise<Told>;
  /** The Service `<prefix>-<id>-external`, made with that type if it is not there. */
  ensureExternalService(prefix: string, brokerId: number, kind: ExternalKind): Promise<Learnt<ExternalService>>;
  /** Of the Kubernetes node that this pod is on. */
  readNodeAddresses(): Promise<Learnt<readonly NodeAddress[]>>;
  /** A Kubernetes Event on this pod. */
  tell(event: PodEvent): Promise<Told>;
}

/** `silent`: nobody refused; the API could not be reached, or could not answer. */
export type Told = 'done' | { readonly why: string; readonly silent?: boolean };

/** Where kubectl would go, but for what is set. */
export interface ClusterTarget {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string | undefined;
}

/** The brokers' pods of one namespace. */
export interface BrokerPods {
  list(): Promise<Fleet>;
  /** Of all pods, oldest first. */
  events(): Promise<EventView[]>;
  services(): Promise<BrokerService[]>;
  /** `gone`: there is no such pod any more, though perhaps one of its name. */
  deletePod(pod: Pick<FleetPod, 'name' | 'uid'>): Promise<'deleted' | 'gone'>;
  /** To the pod of the broker that is known by that host, through the API server. */
  readonly dial: Dial;
}

export type Dial = (to: {
  readonly host: string;
  readonly port: number;
  readonly onConnect: () => void;
}) => NodeJS.ReadWriteStream;
