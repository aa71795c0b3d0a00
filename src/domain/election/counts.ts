/** Who leads how much, and who should. */
import { nameOf, type KafkaView, type PartitionName } from '../kafka-view.ts';
import { preferredOf } from './standing.ts';
import type { Chosen } from './topics.ts';

export interface BrokerCounts {
  readonly brokerId: number;
  /** Partitions of which it is the preferred leader. */
  readonly preferred: number;
  readonly ledBefore: number;
  readonly ledAfter: number;
}

/** By broker id; those too that are down. */
export function countLeaders(before: KafkaView, after: KafkaView, isChosen: Chosen): BrokerCounts[] {
  const [old, now] = [before, after].map(({ partitions }) => partitions.filter(isChosen));
  const preferred = tally(now?.map(preferredOf));
  const ledBefore = tally(old?.map(({ leader }) => leader));
  const ledAfter = tally(now?.map(({ leader }) => leader));
  const ids = new Set([...before.brokers, ...after.brokers, ...preferred.keys(), ...ledBefore.keys()]);
  return [...ids]
    .filter((id) => id >= 0)
    .sort((a, b) => a - b)
    .map((brokerId) => ({
      brokerId,
      preferred: preferred.get(brokerId) ?? 0,
      ledBefore: ledBefore.get(brokerId) ?? 0,
      ledAfter: ledAfter.get(brokerId) ?? 0,
    }));
}

export function tally(ids: readonly number[] = []): Map<number, number> {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** Not yet led by its preferred replica, and why. */
export interface Left extends PartitionName {
  readonly why: string;
}

export interface LeftGroup {
  readonly count: number;
  /** A few names. */
  readonly names: string;
  readonly why: string;
}

/** Those that are left for one reason together, the most first. */
export function groupByReason(left: readonly Left[], namesAtMost = 3): LeftGroup[] {
  const groups = new Map<string, Left[]>();
  for (const one of left) {
    const group = groups.get(one.why);
    if (group) group.push(one);
    else groups.set(one.why, [one]);
  }
  return [...groups]
    .map(([why, all]) => ({ count: all.length, names: someNames(all, namesAtMost), why }))
    .sort((a, b) => b.count - a.count);
}

/** Such as `orders-1 orders-4 orders-7 …`. */
export const someNames = (partitions: readonly PartitionName[], atMost = 3): string =>
  [...partitions.slice(0, atMost).map(nameOf), ...(partitions.length > atMost ? ['…'] : [])].join(' ');
