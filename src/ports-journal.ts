/** Where a recovery keeps what it must not forget. */
import type { ClusterTarget } from './ports-cluster.ts';

/** One text, whole or as it was before, whatever happens; one writer at a time. */
export interface JournalStore {
  /** For messages. */
  readonly place: string;
  /** Undefined: nothing was ever written. */
  read(): Promise<string | undefined>;
  /** Durable once it resolves. Throws BarnabasError('journal-failed') also if somebody else has written since. */
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

export interface JournalPlace {
  /** A path, or `configmap/NAME` in the target's namespace. */
  readonly where: string;
  /** Whoever only reads disturbs no writer. */
  readonly use: 'write' | 'read';
  readonly target: ClusterTarget;
}

/** Throws BarnabasError('journal-failed') if somebody else has it open to write. */
export type OpenJournal = (place: JournalPlace) => Promise<JournalStore>;
