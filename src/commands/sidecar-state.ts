/** What a sidecar knows of itself and its broker, for its probes and metrics. */
import type { Claimed } from '../domain/protocol/attempt.ts';
import { parseListeners } from '../domain/properties/listeners.ts';
import type { SidecarState, World } from '../ports.ts';
import type { Prepared } from './prepare.ts';

/** A state that its owner moves on. */
export interface Sidecar extends SidecarState {
  claimed(claim: Claimed, waitedMs: number): void;
  /** A permit was given. */
  admitted(): void;
  began(): void;
  ended(): void;
  /** What the registry of brokers says of this id. */
  registered(is: boolean): void;
  lose(why: string): void;
}

const acceptMs = 1000;

export function sidecarState({ plan, registry }: Prepared, { accepts }: Pick<World, 'accepts'>): Sidecar {
  const port = parseListeners(plan.entries.get('listeners')?.value ?? '')?.[0]?.port;
  const now = {
    started: false,
    running: false,
    registered: registry === undefined,
    lost: undefined as string | undefined,
    claim: undefined as SidecarState['claim'],
    permits: 0,
  };
  return {
    get started() {
      return now.started;
    },
    get lost() {
      return now.lost;
    },
    get claim() {
      return now.claim;
    },
    get permits() {
      return now.permits;
    },
    async unready() {
      if (now.lost !== undefined) return `the id is lost: ${now.lost}`;
      if (!now.running) return 'the broker does not run';
      if (!now.registered) return 'the broker is not registered';
      if (port === undefined || (await accepts(port, acceptMs))) return undefined;
      return `nobody accepts connections on port ${port}`;
    },
    claimed({ brokerId, generation, evidence }, waitedMs) {
      now.claim = { brokerId, generation, evidence, waitedMs };
      now.started = true;
    },
    admitted: () => void (now.permits += 1),
    began: () => void (now.running = true),
    ended: () => void (now.running = false),
    registered: (is) => void (now.registered = is),
    lose: (why) => void (now.lost = why),
  };
}
