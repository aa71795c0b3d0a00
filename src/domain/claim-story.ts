/** What a claim leaves behind on its pod, for people: in the annotation `barnabas.dev/claim`, and as last words. */
import { summarise, type Decision } from './decisions.ts';

export interface ClaimStory {
  readonly brokerId: number;
  readonly generation: number;
  /** `new`, or a kind of evidence. */
  readonly evidence: string;
  /** Its name on the volume. */
  readonly logDir: string;
  readonly waitedMs: number;
  /** The Kubernetes node that it was claimed on, where the agent knew it. */
  readonly node: string | null;
  /** What was decided of each directory, in few words. */
  readonly decisions: string;
}

/** An object's annotations are bounded together, and the kubelet keeps 4096 bytes of last words. */
const decisionsBytes = 2000;

export interface Told extends Omit<ClaimStory, 'decisions'> {
  readonly decisions: readonly Decision[];
}

export const tellStory = ({ decisions, ...claim }: Told): ClaimStory => ({
  ...claim,
  waitedMs: Math.round(claim.waitedMs),
  decisions: cut(summarise(decisions)),
});

export function describeStory({ brokerId, generation, evidence, waitedMs, decisions }: ClaimStory): string {
  const how = evidence === 'new' ? 'new' : `with its data (${evidence})`;
  return `claimed broker id ${brokerId}, generation ${generation}, ${how}${afterWait(waitedMs)}: ${decisions}`;
}

/** Less than a second is no wait. */
export const afterWait = (waitedMs: number): string =>
  waitedMs >= 1000 ? ` after ${Math.round(waitedMs / 1000)} s` : '';

/** Undefined for anything that is no story of ours: people can write annotations too. */
export function parseStory(text: string | undefined): ClaimStory | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
  return isStory(read) ? read : undefined;
}

const kinds: Readonly<Record<keyof ClaimStory, readonly string[]>> = {
  brokerId: ['number'],
  generation: ['number'],
  evidence: ['string'],
  logDir: ['string'],
  waitedMs: ['number'],
  node: ['string', 'null'],
  decisions: ['string'],
};

function isStory(read: unknown): read is ClaimStory {
  if (typeof read !== 'object' || read === null) return false;
  const fields = read as Readonly<Record<string, unknown>>;
  return Object.entries(kinds).every(([name, allowed]) =>
    allowed.includes(fields[name] === null ? 'null' : typeof fields[name]),
  );
}

function cut(text: string): string {
  if (Buffer.byteLength(text) <= decisionsBytes) return text;
  return `${Buffer.from(text)
    .subarray(0, decisionsBytes - 4)
    .toString()
    .replace(/\uFFFD+$/, '')} …`;
}
