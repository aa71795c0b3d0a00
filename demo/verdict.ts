/** What the demo measured, and what follows from it. Pure. */

/** Of one failover. Times in milliseconds since the kill; null for what was not seen before the deadline. */
export interface Failover {
  readonly killedId: number;
  /** The id that the replacement claimed. */
  readonly replacementId: number | null;
  readonly claimedMs: number | null;
  /** No partition is without a leader, and none is led by the dead broker. */
  readonly leadersMovedMs: number | null;
  readonly registeredMs: number | null;
  /** Every replica of every partition is in sync again. */
  readonly isrFullMs: number | null;
}

export interface LoadCounts {
  readonly acknowledged: number;
  readonly consumed: number;
  /** Acknowledged, and never consumed. */
  readonly lost: number;
  /** Consumed for the first time after a later one of the same partition. */
  readonly outOfOrder: number;
  /** Consumed more than once: a producer may send again what was not acknowledged in time. */
  readonly duplicates: number;
  /** The longest time in which no message was acknowledged. */
  readonly longestStallMs: number;
}

export interface Facts {
  readonly failover: Failover;
  readonly logDirsBefore: readonly string[];
  readonly logDirsAfter: readonly string[];
  readonly underReplicatedAtEnd: number;
  readonly partitions: number;
  /** Pods that ended without being told to. */
  readonly crashedStarts: readonly string[];
  readonly load: LoadCounts;
}

export interface Finding {
  readonly what: string;
  readonly holds: boolean;
  readonly detail: string;
}

export function judge(facts: Facts): readonly Finding[] {
  const { failover, load, logDirsBefore, logDirsAfter, crashedStarts } = facts;
  const added = logDirsAfter.filter((name) => !logDirsBefore.includes(name));
  const gone = logDirsBefore.filter((name) => !logDirsAfter.includes(name));
  return [
    {
      what: 'same id',
      holds: failover.replacementId === failover.killedId,
      detail: `broker ${failover.killedId} was killed, its replacement is ${failover.replacementId ?? 'none'}`,
    },
    {
      what: 'no new directory',
      holds: logDirsBefore.length > 0 && added.length + gone.length === 0,
      detail:
        added.length + gone.length === 0
          ? logDirsAfter.join(' ')
          : `new: ${added.join(' ') || '-'}, gone: ${gone.join(' ') || '-'}`,
    },
    {
      what: 'no under-replicated partition',
      holds: facts.partitions > 0 && facts.underReplicatedAtEnd === 0 && failover.isrFullMs !== null,
      detail: `${facts.underReplicatedAtEnd} of ${facts.partitions} are under-replicated`,
    },
    {
      what: 'no crashed start',
      holds: crashedStarts.length === 0,
      detail: crashedStarts.length === 0 ? 'every pod started once' : crashedStarts.join('; '),
    },
    {
      what: 'no message lost or out of order',
      holds: load.acknowledged > 0 && load.lost === 0 && load.outOfOrder === 0,
      detail: `${load.acknowledged} acknowledged, ${load.lost} lost, ${load.outOfOrder} out of order, ${load.duplicates} duplicates`,
    },
  ];
}

export const allHold = (findings: readonly Finding[]): boolean => findings.every(({ holds }) => holds);
