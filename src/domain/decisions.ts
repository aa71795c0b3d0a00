/** What was decided about each directory seen, and why: `--explain`, `--json`, and every message of a claim. */

/**
 * `claimed` · `free` (could be taken, but another was) · `held` (alive, or not known to be dead) · `stopping` (its broker
 * is shutting down) · `lost` (another starter was quicker) · `refused` (a person must decide) · `beyond-cap` (its id is
 * not one of the cluster's).
 */
export type Verdict = 'claimed' | 'free' | 'held' | 'stopping' | 'lost' | 'refused' | 'beyond-cap';

export interface Decision {
  readonly id: number;
  /** The name of its log dir on the volume, or null if it has none yet. */
  readonly logDir: string | null;
  readonly verdict: Verdict;
  readonly why: string;
  /** Of `stopping`: the pod whose end is awaited. */
  readonly holder?: string;
}

/** One line for one id. */
export const describeDecision = (decision: Decision): string =>
  `broker id ${decision.id}: ${decision.verdict}: ${decision.why}`;

/** The decisions that stand in the way, in few words; equal ones are told together. */
export function summarise(decisions: readonly Decision[]): string {
  const groups = new Map<string, number[]>();
  for (const { id, verdict, why } of decisions) {
    const key = why.startsWith(verdict) ? why : `${verdict}: ${why}`;
    groups.set(key, [...(groups.get(key) ?? []), id]);
  }
  return [...groups].map(([text, ids]) => `${ids.length === 1 ? 'id' : 'ids'} ${ids.join(', ')} ${text}`).join('; ');
}
