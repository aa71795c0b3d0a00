/** What `kubectl describe pod` shows of a claim. */
import { afterWait, type ClaimStory } from './claim-story.ts';
import type { Decision } from './decisions.ts';

export interface PodEvent {
  /** CamelCase, such as `BrokerIdReused`. */
  readonly reason: string;
  readonly note: string;
  readonly type: 'Normal' | 'Warning';
}

export function eventOfClaim({ brokerId, generation, evidence, waitedMs }: ClaimStory): PodEvent {
  const after = afterWait(waitedMs);
  return evidence === 'new'
    ? { reason: 'BrokerIdClaimed', note: `New broker id ${brokerId}${after}`, type: 'Normal' }
    : {
        reason: 'BrokerIdReused',
        note: `Broker id ${brokerId} with its data, generation ${generation} (${evidence})${after}`,
        type: 'Normal',
      };
}

/** A wait for holders that are shutting down, each told once: `told` keeps them. */
export function eventsOfWait(decisions: readonly Decision[], told: Set<string>): PodEvent[] {
  return decisions.flatMap(({ id, verdict, why, holder }) => {
    const key = `${id} ${holder ?? ''}`;
    if (verdict !== 'stopping' || told.has(key)) return [];
    told.add(key);
    return [{ reason: 'WaitingForTerminatingBroker', note: `Broker id ${id} is ${why}`, type: 'Normal' as const }];
  });
}
