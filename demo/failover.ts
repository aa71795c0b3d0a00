/** Kills a broker, wrapper and all, starts what is to replace it at once, and measures what follows. */
import { leaderless, ledBy, underReplicated } from './cluster/brokers.ts';
import type { Pod } from './cluster/pod.ts';
import { brokerStarted, seeCluster, type Sight } from './stage.ts';
import type { Failover } from './verdict.ts';

export interface FailoverOrder {
  readonly victim: Pod;
  readonly sight: Sight;
  readonly brokers: number;
  readonly replace: () => Pod;
  /** Told as it happens. */
  readonly tell: (what: string) => void;
}

export interface FailoverSeen extends Failover {
  readonly replacement: Pod;
}

export async function failOver({ victim, sight, brokers, replace, tell }: FailoverOrder): Promise<FailoverSeen> {
  const killedId = victim.brokerId() ?? -1;
  const fromMs = performance.now();
  await victim.kill();
  const replacement = replace();
  tell(`killed broker ${killedId}, wrapper and all (${victim.name}); started a replacement, ${replacement.name}`);

  /** Milliseconds since the kill, or null if it was not seen before the deadline. */
  const time = async (seen: Promise<unknown>, what: () => string): Promise<number | null> => {
    try {
      await seen;
    } catch (error) {
      sight.signal?.throwIfAborted();
      tell(`NOT SEEN: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`);
      return null;
    }
    const ms = performance.now() - fromMs;
    tell(what());
    return ms;
  };
  const wrote = (pattern: RegExp): Promise<unknown> => replacement.wrote(pattern, sight.deadlineMs, sight.signal);
  const registered = wrote(brokerStarted);
  const full = registered.then(() =>
    seeCluster(
      sight,
      'all replicas to be in sync',
      (view) => view.brokers.length >= brokers && underReplicated(view) === 0,
    ),
  );
  const moved = seeCluster(sight, 'every partition to have a live leader', (view) => {
    return view.partitions.length > 0 && leaderless(view) === 0 && ledBy(view, killedId) === 0;
  });
  const [claimedMs, leadersMovedMs, registeredMs, isrFullMs] = await Promise.all([
    time(wrote(/claimed broker id/), () => `${replacement.name} claimed broker id ${replacement.brokerId() ?? '?'}`),
    time(moved, () => `every partition has a live leader again`),
    time(registered, () => `broker ${replacement.brokerId() ?? '?'} has started`),
    time(full, () => 'every replica of every partition is in sync again'),
  ]);
  const replacementId = replacement.brokerId() ?? null;
  return { killedId, replacementId, claimedMs, leadersMovedMs, registeredMs, isrFullMs, replacement };
}
