/**
 * Which pods to replace, in which order, and when the next one may go.
 *
 * One broker at a time, and only while every replica of every partition is in sync: then each partition can spare one.
 * A pod whose broker does not serve goes first, and at once: nobody has anything of it, and it may be what is to be mended.
 */
import { differencesOf } from '../fleet/differs.ts';
import { isLeaving, type FleetPod, type Owner } from '../fleet/fleet.ts';
import type { KafkaLook, KafkaView, PartitionView } from '../kafka-view.ts';

export interface Target {
  readonly pod: FleetPod;
  /** Where it differs from the template. */
  readonly because: readonly string[];
}

/** `every`: whatever they are made of. */
export function targetsOf(pods: readonly FleetPod[], owner: Owner, which: 'outdated' | 'every'): Target[] {
  return pods
    .filter((pod) => pod.ownerUid === owner.uid && !isLeaving(pod))
    .map((pod) => ({ pod, because: differencesOf(pod, owner) }))
    .filter(({ because }) => which === 'every' || because.length > 0);
}

/** Lowest risk first: who does not serve, then who leads least, and the controller last. */
export function inOrderOfRisk(targets: readonly Target[], look: KafkaLook): Target[] {
  const risk = ({ pod }: Target): number => {
    if (servesNobody(pod, look)) return -1;
    if (look.kind === 'unseen' || pod.brokerId === null) return 0;
    if (pod.brokerId === look.view.controller) return Infinity;
    return look.view.partitions.filter(({ leader }) => leader === pod.brokerId).length;
  };
  const id = ({ pod }: Target): number => pod.brokerId ?? -1;
  return [...targets].sort((a, b) => (risk(a) === risk(b) ? id(a) - id(b) : risk(a) - risk(b)));
}

/** Its end costs nothing: it has no id, or is not ready and no broker knows of it. A readiness that flickers is no end. */
export function servesNobody({ brokerId, ready }: FleetPod, look: KafkaLook): boolean {
  if (brokerId === null) return true;
  return !ready && look.kind === 'seen' && !look.view.brokers.includes(brokerId);
}

/** Why no broker may be taken away now, in words; undefined if one may. */
export function whyNotNow(pods: readonly FleetPod[], owner: Owner, look: KafkaLook): string | undefined {
  const own = pods.filter((pod) => pod.ownerUid === owner.uid && !isLeaving(pod));
  const serving = own.filter(({ ready, brokerId }) => ready && brokerId !== null);
  if (serving.length < owner.replicas) return `${serving.length} of ${owner.replicas} pods have an id and are ready`;
  if (look.kind === 'unseen') return look.why;
  const ids = serving.flatMap(({ brokerId }) => brokerId ?? []);
  return whyUnsafe(look.view, ids);
}

function whyUnsafe({ brokers, partitions }: KafkaView, ids: readonly number[]): string | undefined {
  const missing = ids.filter((id) => !brokers.includes(id));
  if (missing.length > 0) return `broker ${missing.join(', ')} is not in the cluster yet`;
  const leaderless = partitions.filter(({ leader }) => leader < 0);
  if (leaderless.length > 0) return `${count(leaderless)} no leader`;
  const lacking = partitions.filter(({ isr, replicas }) => isr.length < replicas.length);
  if (lacking.length > 0) return `${count(lacking)} replicas that are not in sync`;
  const under = partitions.filter(({ isr, minIsr }) => isr.length < minIsr);
  return under.length > 0 ? `${count(under)} fewer replicas than min.insync.replicas` : undefined;
}

/** Such as `12 partitions (orders-3, …) have`. */
function count(partitions: readonly PartitionView[]): string {
  const [first] = partitions;
  const name = first ? `${first.topic}-${first.partition}` : '';
  return partitions.length === 1 ? `partition ${name} has` : `${partitions.length} partitions (${name}, …) have`;
}

/** Partitions that nobody can write to with acks=all while this broker is away. */
export const notSpared = ({ partitions }: KafkaView, brokerId: number): string[] =>
  partitions
    .filter(({ isr, minIsr }) => isr.includes(brokerId) && isr.length - 1 < Math.max(1, minIsr))
    .map(({ topic, partition }) => `${topic}-${partition}`);

/** The pod that has taken over an id from one that was deleted. */
export const successorOf = (pods: readonly FleetPod[], { brokerId, uid }: FleetPod): FleetPod | undefined =>
  pods.find((pod) => pod.uid !== uid && pod.brokerId === brokerId && !isLeaving(pod));

export type Choice = { readonly kind: 'one'; readonly owner: Owner } | { readonly kind: 'none'; readonly why: string };

/** The ReplicaSet of that name, or the only one there is. */
export function chooseReplicaSet(owners: readonly Owner[], asked: string | undefined): Choice {
  const sets = owners.filter(({ kind }) => kind === 'ReplicaSet');
  const named = asked === undefined ? sets : sets.filter(({ name }) => name === asked);
  const [owner, ...others] = named;
  const known = sets.length === 0 ? 'there is none' : `there is ${sets.map(({ name }) => name).join(', ')}`;
  if (!owner)
    return { kind: 'none', why: `no ReplicaSet${asked === undefined ? '' : ` ${asked}`} of brokers: ${known}` };
  if (others.length > 0) return { kind: 'none', why: `which ReplicaSet? ${known}` };
  if (owner.deployment === null) return { kind: 'one', owner };
  const hint = `kubectl rollout restart deployment ${owner.deployment}`;
  return { kind: 'none', why: `ReplicaSet ${owner.name} is of a Deployment, which replaces its pods itself: ${hint}` };
}
