/** How large partitions are, by what brokers say of their log dirs. */
import { nameOf, type BrokerLogDir, type PartitionView } from '../kafka-view.ts';

/** Of each broker that was asked and answered. */
export type LogDirs = ReadonlyMap<number, readonly BrokerLogDir[]>;

/** Bytes of a replica, by broker and partition. */
export type Sizes = ReadonlyMap<number, ReadonlyMap<string, number>>;

/** A replica that is on its way to another directory of its broker counts once, by the one that serves. */
export const sizesOf = (logDirs: LogDirs): Sizes =>
  new Map(
    [...logDirs].map(([id, dirs]) => [
      id,
      new Map(
        dirs.flatMap(({ replicas }) =>
          replicas.filter(({ isFuture }) => !isFuture).map((replica) => [nameOf(replica), replica.bytes] as const),
        ),
      ),
    ]),
  );

/** What is to be copied: the leader's, or the largest that anybody has. Null if nobody told. */
export function bytesOf(partition: PartitionView, sizes: Sizes): number | null {
  const name = nameOf(partition);
  const ofLeader = sizes.get(partition.leader)?.get(name);
  if (ofLeader !== undefined) return ofLeader;
  const others = partition.replicas.flatMap((id) => sizes.get(id)?.get(name) ?? []);
  return others.length === 0 ? null : Math.max(...others);
}

/** Null where any is. */
export const totalOf = (bytes: readonly (number | null)[]): number | null =>
  bytes.reduce((sum, each) => (sum === null || each === null ? null : sum + each), 0);

/** What producers bring in to each partition, in bytes a second, by two looks at its leader. */
export function growthOf(
  partitions: readonly PartitionView[],
  { first, second, elapsedMs }: { readonly first: Sizes; readonly second: Sizes; readonly elapsedMs: number },
): ReadonlyMap<string, number> {
  return new Map(
    partitions.map((partition) => {
      const name = nameOf(partition);
      const before = first.get(partition.leader)?.get(name);
      const after = second.get(partition.leader)?.get(name);
      // What retention takes away in between hides growth, and is no negative one.
      const grown = before === undefined || after === undefined ? 0 : Math.max(0, after - before);
      return [name, (grown * 1000) / Math.max(1, elapsedMs)];
    }),
  );
}
