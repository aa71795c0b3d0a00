/**
 * The same id on another disk. In KRaft from 3.9 the quorum knows which directory a broker runs on. Elsewhere it is drawn
 * from signs: most replicas not in sync, and a log dir that its present claim has made and that holds little yet.
 */
import type { Joined } from './join.ts';

/** What all brokers together tell of one's disk. */
export interface Disks {
  /**
   * Whether the quorum's directory ids are those of log dirs on this volume: some broker's is. They are not where brokers
   * keep KRaft's metadata in a directory of its own (`metadata.log.dir`).
   */
  readonly directoriesTell: boolean;
  /** Of the broker that has most; undefined where none tells. */
  readonly bytesPerReplica: number | undefined;
}

export function disksOf(lines: readonly Joined[]): Disks {
  const directoriesTell = lines.some(({ claim, broker }) => {
    const known = broker?.directoryId ?? null;
    return known !== null && known === claim?.directoryId;
  });
  const means = lines.flatMap((line) => bytesPerReplica(line) ?? []);
  return { directoriesTell, bytesPerReplica: means.length === 0 ? undefined : Math.max(...means) };
}

function bytesPerReplica({ broker }: Joined): number | undefined {
  const bytes = broker?.answer?.bytes ?? null;
  return broker && bytes !== null && broker.counts.replicas > 0 ? bytes / broker.counts.replicas : undefined;
}

export interface NewDisk {
  readonly words: string;
  readonly next: string;
}

export function findNewDisk(line: Joined, disks: Disks, now: string): NewDisk | undefined {
  return byDirectory(line, disks) ?? bySigns(line, disks, now);
}

function byDirectory({ claim, broker }: Joined, { directoriesTell }: Disks): NewDisk | undefined {
  const known = broker?.directoryId ?? null;
  const here = claim?.directoryId ?? null;
  if (!directoriesTell || known === null || here === null || known === here) return undefined;
  const runs = broker?.state === 'registered' ? 'its broker runs' : 'its broker was last seen';
  const next = 'is this the volume that it has mounted? Replicas come back by themselves, from the other brokers';
  return { words: `${runs} on directory ${known}, and here is ${here}`, next };
}

function bySigns(line: Joined, disks: Disks, now: string): NewDisk | undefined {
  const { broker } = line;
  if (broker?.state !== 'registered') return undefined;
  const settled = broker.counts.replicas - broker.counts.arriving;
  const behind = settled - broker.counts.inSync;
  // Empty partitions are in sync at once.
  if (behind <= settled / 2 || !isMadeByItsClaim(line) || !holdsLittle(line, disks, now)) return undefined;
  const words = `its log dir is new, and ${behind} of its ${settled} replicas are not in sync yet`;
  return { words, next: 'nothing, while other replicas are in sync: its own are copied from them' };
}

/** A claim makes the log dir a moment before its record; and clocks differ. */
const claimMs = 60_000;

/** Clocks of the volume and the holder are compared, and only for a word to people. */
function isMadeByItsClaim({ claim, logDir, pod }: Joined): boolean {
  if (pod?.claim?.evidence === 'new' && pod.claim.generation === pod.generation) return true;
  const madeAt = logDir?.madeAt ?? null;
  if (!claim?.holder || madeAt === null) return false;
  return Date.parse(madeAt) >= Date.parse(claim.holder.since) - claimMs;
}

const youngMs = 3_600_000;

/** A claim may be old, and so its data, when its broker falls behind: half of what others have is not little. */
function holdsLittle(line: Joined, disks: Disks, now: string): boolean {
  const own = bytesPerReplica(line);
  if (own !== undefined && disks.bytesPerReplica !== undefined) return own < disks.bytesPerReplica / 2;
  const since = line.claim?.holder?.since ?? line.pod?.createdAt ?? null;
  return since !== null && Date.parse(now) - Date.parse(since) < youngMs;
}
