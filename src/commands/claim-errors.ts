/** What a person reads when no id could be claimed: which, why, and what to do. */
import { describeCluster, type Cluster } from '../domain/candidates.ts';
import { summarise } from '../domain/decisions.ts';
import type { ClaimResult } from '../domain/protocol/claim.ts';
import { AlienVolume, VolumeFailure } from '../domain/protocol/failure.ts';
import { BarnabasError, type ErrorCode } from '../errors.ts';

const advice: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOSPC: ['volume-full', 'the volume is full: free some space or inodes, then start again'],
  EDQUOT: ['volume-full', 'the quota of the volume is used up: raise it or free some space, then start again'],
  EROFS: ['volume-read-only', 'the volume is mounted read-only: mount it for writing'],
  EACCES: ['volume-not-writable', "this user may not: check the volume's owner and mode, and the pod's fsGroup"],
  EPERM: ['volume-not-writable', "this user may not: check the volume's owner, mode and attributes"],
  ENOENT: ['volume-failed', 'it was there a moment ago: is the volume still mounted, and nobody clearing it?'],
  ENOTDIR: ['volume-alien', 'a file stands where Barnabas keeps a directory: move it away'],
};

/** Runs a piece of the protocol, and turns its failures into errors that name the volume. */
export async function volumeErrors<T>(root: string, protocol: () => Promise<T>): Promise<T> {
  try {
    return await protocol();
  } catch (error) {
    if (error instanceof AlienVolume) {
      throw new BarnabasError('volume-alien', `cannot use ${root}: ${error.message}`, { cause: error });
    }
    if (!(error instanceof VolumeFailure)) throw error;
    const [code, hint] = advice[error.errno] ?? [
      'volume-failed' as const,
      'the volume itself failed; look at its server or disk',
    ];
    const path = error.path === '.' ? root : `${root}/${error.path}`;
    throw new BarnabasError(code, `cannot ${error.doing} ${path} (${error.errno}): ${hint}`, { cause: error });
  }
}

export function refusal(root: string, cluster: Cluster, { decisions }: ClaimResult): BarnabasError {
  const reasons = decisions.filter(({ verdict }) => verdict === 'refused' || verdict === 'beyond-cap');
  const lines = reasons.map((decision) => `\n  - broker id ${decision.id}: ${decision.why}`).join('');
  const beyond = reasons.some(({ verdict }) => verdict === 'beyond-cap');
  const hint = beyond
    ? `\nA new id would leave those data without a broker: set --first-id and --brokers so that they are among the cluster's (now ${describeCluster(cluster)}), or move them away.`
    : "\nA new id would leave those data without a broker: mend or move them away, or end a claim that can't be read with `barnabas release ID --force --reason …`.";
  return new BarnabasError('data-refused', `cannot claim a broker id on ${root}: a person must decide${lines}${hint}`);
}

export function waitExpired(root: string, cluster: Cluster, { decisions, waitedMs }: ClaimResult): BarnabasError {
  const blockers = decisions.filter(({ verdict }) => verdict !== 'free');
  const waited = `waited ${Math.round(waitedMs / 1000)} s`;
  return new BarnabasError(
    'wait-deadline',
    `cannot claim a broker id on ${root}: ids ${describeCluster(cluster)} are all taken (${summarise(blockers)}); ${waited}. ` +
      "Are more brokers started than --brokers says? A dead holder's claim ends with `barnabas release ID`.",
  );
}
