/** What `kubectl describe pod` shows of a claim. */
import type { Claimed } from './protocol/attempt.ts';

export interface PodEvent {
  /** CamelCase, such as `BrokerIdReused`. */
  readonly reason: string;
  readonly note: string;
  readonly type: 'Normal' | 'Warning';
}

export type ClaimToTell = Pick<Claimed, 'brokerId' | 'generation' | 'evidence'>;

export function eventOfClaim({ brokerId, generation, evidence }: ClaimToTell, waitedMs: number): PodEvent {
  const after = waitedMs >= 1000 ? ` after ${Math.round(waitedMs / 1000)} s` : '';
  return evidence === 'new'
    ? { reason: 'BrokerIdClaimed', note: `New broker id ${brokerId}${after}`, type: 'Normal' }
    : {
        reason: 'BrokerIdReused',
        note: `Broker id ${brokerId} with its data, generation ${generation} (${evidence})${after}`,
        type: 'Normal',
      };
}
