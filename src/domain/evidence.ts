/**
 * Evidence that a holder is dead. Unknown means held.
 *
 * A pod that is not found, a failed phase, an old modification time, a missing `.lock`: none of these alone is
 * evidence, and no decision compares clocks.
 */
import type { LockNote } from './lock-note.ts';
import type { ClaimRecord } from './record.ts';
import type { Storage } from './mounts.ts';

/** `released` by the holder itself; `own`: the record is this very pod's, from before its container restarted. */
export type EvidenceKind = 'released' | 'own' | 'lock-local' | 'reboot' | 'kubelet' | 'gone' | 'asserted';

/** Who the agent is. */
export interface Self {
  /** Undefined where nobody told it: then no record can be recognised as one's own. */
  readonly podUid: string | undefined;
  readonly node: string | undefined;
  readonly bootId: string;
}

/** What a source outside the volume says of a holder. */
export type OutsideEvidence =
  | { readonly kind: 'dead'; readonly evidence: 'kubelet' | 'gone' | 'asserted'; readonly detail: string }
  | { readonly kind: 'stopping'; readonly why: string }
  /** There is no such pod any more; its processes may live on. */
  | { readonly kind: 'absent'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** `certain`: no process of the dead broker can exist any more, so that its registration may be removed. */
export type Proof =
  | { readonly over: true; readonly kind: EvidenceKind; readonly detail: string; readonly certain: boolean }
  | { readonly over: false; readonly why: string };

export interface Witnesses {
  readonly record: ClaimRecord;
  readonly self: Self;
  readonly storage: Storage;
  /** Whether the file of the lock that was free is the one that this very claim was made with: see {@link vouches}. */
  readonly sameLock: boolean;
}

/**
 * A claimant notes its generation in the id lock's file before it publishes the record. A file that knows nothing of the
 * record's generation was put there by somebody else, and its lock is free whoever lives.
 */
export const vouches = (note: LockNote | undefined, { generation }: Pick<ClaimRecord, 'generation'>): boolean =>
  note !== undefined && note.generation >= generation;

/**
 * Whether the freedom of both locks, over two looks, could prove the end of a pod that is not there any more (`gone`):
 * only where this very kernel keeps the locks of both.
 */
export const locksCouldProveGone = ({ record, self, storage }: Omit<Witnesses, 'sameLock'>): boolean =>
  record.bootId === self.bootId && storage.coherence !== 'untrusted';

/**
 * What the volume and this machine prove of the holder, for one who has just taken the id lock.
 *
 * The lock's freedom counts only where the kernel itself frees it at the last process's end, and only if the holder's
 * broker held it (wrapper mode): a sidecar's or an init container's lock says nothing of the broker beside it.
 */
export function proveWithLock({ record, self, storage, sameLock }: Witnesses): Proof {
  const sameBoot = record.bootId === self.bootId;
  const lockIsTruth = record.mode === 'wrapper' && storage.coherence !== 'untrusted' && sameLock;
  if (self.podUid !== undefined && record.pod.uid === self.podUid) {
    return { over: true, kind: 'own', detail: 'an earlier container of this pod', certain: lockIsTruth || !sameBoot };
  }
  if (sameBoot && lockIsTruth) {
    const detail = 'its id lock was free on its own machine, in the same boot';
    return { over: true, kind: 'lock-local', detail, certain: true };
  }
  if (self.node !== undefined && record.node === self.node && !sameBoot) {
    const detail = `${self.node} has rebooted: boot ${record.bootId} is over`;
    return { over: true, kind: 'reboot', detail, certain: true };
  }
  return { over: false, why: whyUnproven({ record, self, storage }) };
}

/** Whether taking the id lock could prove anything at all: else the lock is better left alone. */
export function lockCouldProve(witnesses: Omit<Witnesses, 'sameLock'>): boolean {
  return proveWithLock({ ...witnesses, sameLock: true }).over;
}

function whyUnproven({ record, self, storage }: Omit<Witnesses, 'sameLock'>): string {
  if (record.bootId === self.bootId) {
    if (record.mode !== 'wrapper') return `it was claimed in ${record.mode} mode, where a free lock proves nothing`;
    if (storage.coherence === 'untrusted') return `record locks on this volume prove nothing (${storage.why})`;
    return 'its lock file is not the one that it was claimed with';
  }
  if (record.node === null || self.node === undefined) {
    return 'it was claimed in another boot or on another machine, and without a node name a reboot is no evidence';
  }
  return `it was claimed on ${record.node}, and this is ${self.node}`;
}
