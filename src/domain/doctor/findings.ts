/** What the doctor saw on a volume, as bare facts. `judge.ts` says what they mean. */
import type { Storage } from '../mounts.ts';

/** A fact, or the errno of the call that would have told it. */
export type Fact<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly errno: string };

export interface Findings {
  readonly storage: Storage;
  readonly mountOptions: readonly string[];
  /** That a directory could be made there: where not, nothing else was tried. */
  readonly writable: Fact<true>;
  /** Whether a lock that another process holds is seen to be held. */
  readonly lockBetween: Fact<boolean>;
  /** Milliseconds from the SIGKILL of its holder until the lock was had; null if it was not had in time. */
  readonly lockAfterKill: Fact<number | null>;
  /** Link count after link(2), and what a second link to the same name answered. */
  readonly link: Fact<{ readonly count: number; readonly second: string }>;
  /** Whether a file in a renamed directory could still be written: so Kafka deletes a topic. */
  readonly renameOpen: Fact<boolean>;
  /** What an unlinked open file left in its directory, and whether that directory could be removed. */
  readonly unlinkOpen: Fact<{ readonly left: readonly string[]; readonly removable: boolean }>;
  /** Milliseconds of fsync of a file of 4 KiB, and of a directory. */
  readonly fsync: Fact<{ readonly fileMs: number; readonly directoryMs: number }>;
  /** Milliseconds by which the volume's clock is ahead of this machine's. */
  readonly skewMs: Fact<number>;
  /** Bytes and inodes; of file systems that count no inodes, 0 in all. */
  readonly space: Fact<{
    readonly freeBytes: number;
    readonly totalBytes: number;
    readonly freeInodes: number;
    readonly totalInodes: number;
  }>;
  /** Of the volume's root; modes in octal; `me` is the user that asks. */
  readonly owner: Fact<{
    readonly uid: number;
    readonly gid: number;
    readonly mode: string;
    readonly me: { readonly uid: number; readonly gid: number };
  }>;
  readonly peer: PeerFindings | undefined;
}

/** Seen from two places at once. */
export interface PeerFindings {
  readonly here: Place;
  readonly there: Place;
  /** Whether a lock that one place holds is seen to be held in the other. */
  readonly lockSeen: boolean;
  /** Whether the other place had the lock once it was let go. */
  readonly lockPassedOn: boolean;
  /** Names that both linked at once: how many had one winner, no winner, two. */
  readonly links: { readonly one: number; readonly none: number; readonly two: number };
  /** Milliseconds until a file made there was seen here, the slowest. */
  readonly seenAfterMs: number;
}

export interface Place {
  readonly host: string;
  readonly bootId: string;
}
