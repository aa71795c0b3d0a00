/**
 * A broker's entry in ZooKeeper's `/brokers/ids/<id>`, and when it may be removed.
 *
 * The znode is ephemeral: a broker that died hard stays registered until its session lapses. Until then its
 * partitions have no leader, and its successor dies with NodeExists.
 */

/** A registration as read. Numbers of 64 bits are hexadecimal strings, as ZooKeeper's own tools print them. */
export interface Registration {
  /** The znode's ephemeralOwner. */
  readonly sessionId: string;
  /** The id of the transaction that created the znode. */
  readonly czxid: string;
  readonly version: number;
  /** The broker's JSON, as it stands. */
  readonly content: string;
  /** SHA-256 of the content's bytes, hexadecimal. */
  readonly contentHash: string;
}

/** What a guard keeps of its own broker's registration, to recognise it after the death. */
export interface RegistrationNote {
  readonly sessionId: string;
  readonly czxid: string;
  readonly version: number;
  /** SHA-256 of the content's bytes, hexadecimal. */
  readonly contentHash: string;
}

/** The ephemeralOwner of a znode that belongs to no session: it never ends by itself. */
const noSession = '0x0';

export function toNote({ sessionId, czxid, version, contentHash }: Registration): RegistrationNote {
  return { sessionId, czxid, version, contentHash };
}

/** In what a registration differs from the noted one; '' if it is that very one. */
export function differenceFromNote(registration: Registration, note: RegistrationNote): string {
  if (registration.sessionId !== note.sessionId) {
    return `it belongs to session ${registration.sessionId}, and the dead broker's was ${note.sessionId}`;
  }
  if (registration.czxid !== note.czxid) return 'it was created anew in the same session since it was noted';
  if (registration.version !== note.version) return 'it was changed since it was noted';
  if (registration.contentHash !== note.contentHash) return 'its content is not the noted one';
  return '';
}

export function matchesNote(registration: Registration, note: RegistrationNote): boolean {
  return differenceFromNote(registration, note) === '';
}

export interface ClearanceFacts {
  readonly seen: Registration | undefined;
  readonly note: RegistrationNote | undefined;
  /** No process of the dead broker can exist any more. */
  readonly deathCertain: boolean;
  /** The setting. */
  readonly fastFailover: boolean;
}

export type ClearancePlan =
  | { readonly action: 'none' }
  | { readonly action: 'remove'; readonly expected: RegistrationNote }
  | { readonly action: 'wait'; readonly why: string };

/**
 * What to do about what is registered under a broker id before its next broker starts.
 *
 * Removed is only what is known to be the dead broker's, by owner, creation, version and content. All else is waited
 * for: it may be a live broker's.
 */
export function planClearance({ seen, note, deathCertain, fastFailover }: ClearanceFacts): ClearancePlan {
  if (seen === undefined) return { action: 'none' };
  const why = whyNotRemove(seen, { note, deathCertain, fastFailover });
  if (why !== '' || note === undefined) return { action: 'wait', why };
  return { action: 'remove', expected: note };
}

function whyNotRemove(seen: Registration, facts: Omit<ClearanceFacts, 'seen'>): string {
  if (!facts.fastFailover) return 'fast failover is off';
  if (!facts.deathCertain) return 'it is not certain that its broker is dead';
  if (facts.note === undefined) return "nothing was noted of the dead broker's registration";
  if (seen.sessionId === noSession) return 'it belongs to no session, so no broker of today wrote it';
  return differenceFromNote(seen, facts.note);
}

/** What a broker writes of itself, as far as people need it. Absent is what the broker left out. */
export interface RegistrationContent {
  /** Such as `PLAINTEXT://10.0.0.7:9092`; empty before version 2 of the format. */
  readonly endpoints: readonly string[];
  /** Null in a broker's JSON that has no plaintext listener. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** When the broker registered, by its own clock; for people only. */
  readonly timestampMs: number | undefined;
}

/** Reads a broker's JSON of any version (1 to 5); undefined if it is none. */
export function parseRegistrationContent(content: string): RegistrationContent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { endpoints, host, port, timestamp } = value as Record<string, unknown>;
  const timestampMs = Number(timestamp ?? Number.NaN);
  return {
    endpoints: Array.isArray(endpoints) ? endpoints.filter((entry) => typeof entry === 'string') : [],
    host: typeof host === 'string' && host !== '' ? host : undefined,
    port: typeof port === 'number' && port > 0 ? port : undefined,
    timestampMs: Number.isFinite(timestampMs) ? timestampMs : undefined,
  };
}

/** Where the registered broker is to be found, such as `PLAINTEXT://10.0.0.7:9092`. */
export function describeEndpoints(registration: Registration): string {
  const content = parseRegistrationContent(registration.content);
  if (content === undefined) return 'unreadable content';
  if (content.endpoints.length > 0) return content.endpoints.join(',');
  if (content.host === undefined) return 'no endpoint';
  return content.port === undefined ? content.host : `${content.host}:${content.port}`;
}

/** Such as `PLAINTEXT://10.0.0.7:9092, session 0x1000a2b3c4d0001`. */
export function describeRegistration(registration: Registration): string {
  return `${describeEndpoints(registration)}, session ${registration.sessionId}`;
}
