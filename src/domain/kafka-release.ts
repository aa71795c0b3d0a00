/**
 * Which release of Kafka a broker is of, by the newest version of each request that it takes: brokers don't say it.
 *
 * A mark is a request that brokers got in that very release, and that they take whether ZooKeeper or KRaft keeps the
 * cluster. Source: ApiKeys of each release's kafka-clients jar, and ApiVersions (18) of running brokers.
 */
interface Mark {
  readonly release: string;
  readonly key: number;
  readonly version: number;
}

const marks: readonly Mark[] = (
  [
    ['0.10.0', 0, 2],
    ['0.10.1', 1, 3],
    ['0.10.2', 9, 2],
    ['0.11', 0, 3],
    ['1.0', 0, 5],
    ['1.1', 1, 7],
    ['2.0', 0, 6],
    ['2.1', 1, 10],
    ['2.2', 2, 5],
    ['2.3', 1, 11],
    ['2.4', 0, 8],
    ['2.5', 9, 7],
    ['2.6', 16, 4],
    ['2.7', 1, 12],
    ['2.8', 3, 11],
    ['3.0', 2, 7],
    ['3.1', 1, 13],
    ['3.2', 35, 3],
    ['3.3', 35, 4],
    // Between brokers and ZooKeeper's controller alone: KRaft's brokers show nothing of 3.4.
    ['3.4', 6, 8],
    ['3.5', 1, 15],
    ['3.6', 24, 4],
    ['3.7', 0, 10],
    ['3.8', 0, 11],
    ['3.9', 1, 17],
    ['4.0', 0, 12],
    ['4.1', 0, 13],
    ['4.2', 2, 11],
    ['4.3', 35, 5],
  ] as const
).map(([release, key, version]) => ({ release, key, version }));

/** Such as `3.9`, `3.3 or 3.4`, or `4.3+` for the newest that is known; null for one that is older than all of them. */
export function releaseOf(newest: ReadonlyMap<number, number>): string | null {
  const has = ({ key, version }: Mark): boolean => (newest.get(key) ?? -1) >= version;
  const at = marks.findLastIndex(has);
  const mark = marks[at];
  if (!mark) return null;
  const next = marks[at + 1];
  if (!next) return `${mark.release}+`;
  return newest.has(next.key) ? mark.release : `${mark.release} or ${next.release}`;
}
