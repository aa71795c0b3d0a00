/**
 * The two immutable documents of a claim: the record `g<generation>` and its end certificate `g<generation>.end`.
 *
 * A generation number orders the claims of one id; the record with the highest is the holder's.
 */
import type { EvidenceKind } from './evidence.ts';

export type Mode = 'wrapper' | 'sidecar' | 'init';

export interface Pod {
  readonly name: string;
  readonly namespace: string;
  /** Unique in time and space. Where nobody gave one, the agent makes one up for this run alone. */
  readonly uid: string;
}

export interface ClaimRecord {
  readonly layout: 1;
  readonly id: number;
  readonly generation: number;
  readonly pod: Pod;
  /** The Kubernetes node's name; null where nobody told it. */
  readonly node: string | null;
  /** The kernel's boot id: equal means the same machine and the same boot. */
  readonly bootId: string;
  readonly mode: Mode;
  readonly nonce: string;
  /** When the claiming process started, in milliseconds since the machine's boot. */
  readonly start: number;
  /** ISO 8601, for people only: no decision reads it. */
  readonly wallTime: string;
}

export interface EndCertificate {
  readonly layout: 1;
  readonly id: number;
  readonly generation: number;
  readonly kind: EvidenceKind;
  /** Who wrote the certificate: the holder itself, or the one who had the evidence. */
  readonly by: Pod;
  readonly detail: string;
  readonly nonce: string;
  readonly wallTime: string;
}

/** A document as read, or why it can't be believed. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const isString = (value: unknown): boolean => typeof value === 'string';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isPod = (value: unknown): boolean =>
  mismatch(value, { name: isString, namespace: isString, uid: isString }) === '';
const modes: readonly unknown[] = ['wrapper', 'sidecar', 'init'];
const kinds: readonly unknown[] = ['released', 'own', 'lock-local', 'reboot', 'kubelet', 'gone', 'asserted'];

const recordShape: Shape = {
  layout: (value) => value === 1,
  id: isCount,
  generation: isCount,
  pod: isPod,
  node: (value) => value === null || isString(value),
  bootId: isString,
  mode: (value) => modes.includes(value),
  nonce: isString,
  start: isCount,
  wallTime: isString,
};

const endShape: Shape = {
  layout: (value) => value === 1,
  id: isCount,
  generation: isCount,
  kind: (value) => kinds.includes(value),
  by: isPod,
  detail: isString,
  nonce: isString,
  wallTime: isString,
};

/** The first field that does not fit, or '' if all do. Fields that a later version may add are let be. */
function mismatch(value: unknown, shape: Shape): string {
  if (typeof value !== 'object' || value === null) return 'document';
  const fields = value as Record<string, unknown>;
  return Object.keys(shape).find((name) => !shape[name]?.(fields[name])) ?? '';
}

function parse<T extends { id: number; generation: number }>(
  text: string,
  shape: Shape,
  expected: { readonly id: number; readonly generation: number },
): Parsed<T> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { ok: false, why: text === '' ? 'it is empty' : 'it is torn or not JSON' };
  }
  const field = mismatch(document, shape);
  if (field !== '') return { ok: false, why: `its ${field} is missing or not one that this version knows` };
  const value = document as T;
  if (value.id !== expected.id || value.generation !== expected.generation) {
    return { ok: false, why: `it speaks of id ${value.id} generation ${value.generation}` };
  }
  return { ok: true, value };
}

export const parseRecord = (text: string, expected: { readonly id: number; readonly generation: number }) =>
  parse<ClaimRecord>(text, recordShape, expected);

export const parseEnd = (text: string, expected: { readonly id: number; readonly generation: number }) =>
  parse<EndCertificate>(text, endShape, expected);

export const serialise = (document: ClaimRecord | EndCertificate): string => `${JSON.stringify(document, null, 2)}\n`;

/** Names a holder in messages: `pod "kafka-7xk2p" on node-a`. */
export function describeHolder(record: ClaimRecord): string {
  return `pod "${record.pod.name}"${record.node === null ? '' : ` on ${record.node}`}`;
}
