/** What every step of a recovery has in hand, and how patiently it asks Kafka. */
import type { KafkaLook, KafkaView, Reassignment } from '../domain/kafka-view.ts';
import type { Caps } from '../domain/recovery/batch.ts';
import type { Journal } from '../domain/recovery/journal.ts';
import type { LogDirs } from '../domain/recovery/sizes.ts';
import { truthOf, type Truth } from '../domain/recovery/truth.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { World } from '../ports.ts';
import type { KafkaAdmin } from '../ports-kafka.ts';
import type { Settings } from '../settings.ts';

export type MovingSettings = Settings<'wait' | 'yes' | 'zookeeper'>;

export interface Recovery {
  readonly settings: MovingSettings;
  readonly kafka: KafkaAdmin;
  readonly journal: JournalKeeper;
  readonly world: World;
}

/** Those that were set. */
export const capsIn = ({ batchPartitions, batchBytes }: Settings<'batchPartitions' | 'batchBytes'>): Partial<Caps> => ({
  ...(batchPartitions !== undefined && { partitions: batchPartitions }),
  ...(batchBytes !== undefined && { bytes: batchBytes }),
});

/** The journal as it is on disk: what is saved here is durable before anything else happens. */
export interface JournalKeeper {
  readonly place: string;
  now(): Journal;
  save(next: Journal): Promise<void>;
}

const silenceMs = 60_000;
const againMs = 1000;

export const interrupted = (): BarnabasError =>
  new BarnabasError(
    'interrupted',
    'interrupted: what is in flight goes on, under the throttle; `barnabas recover resume` finishes it, `abort` goes back',
  );

export function throwIfStopped({ signal }: Pick<World, 'signal'>): void {
  if (signal.aborted) throw interrupted();
}

/** Brokers come and go: what may pass is tried again for a minute. Only for calls that may be repeated. */
export async function patiently<T>(world: World, call: () => Promise<T>): Promise<T> {
  const untilMs = world.clock.nowMs() + silenceMs;
  for (;;) {
    throwIfStopped(world);
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof BarnabasError) || error.exitStatus !== exitStatus.failed) throw error;
      if (world.clock.nowMs() >= untilMs) throw error;
    }
    await world.clock.pause(againMs, world.signal);
  }
}

/**
 * As {@link patiently}, for what follows from a look: a broker that died since fails it again and again, so after a failure
 * it is false, and the caller looks anew.
 */
export function patientRounds(world: World): (call: () => Promise<void>) => Promise<boolean> {
  let sinceMs: number | undefined;
  return async (call) => {
    try {
      await call();
      sinceMs = undefined;
      return true;
    } catch (error) {
      if (!(error instanceof BarnabasError) || error.exitStatus !== exitStatus.failed) throw error;
      sinceMs ??= world.clock.nowMs();
      if (world.clock.nowMs() - sinceMs >= silenceMs) throw error;
    }
    await world.clock.pause(againMs, world.signal);
    return false;
  };
}

/** Moves in flight first, then the whole cluster: see domain/recovery/truth.ts. */
export async function lookAround(kafka: KafkaAdmin, world: World): Promise<Sighted> {
  return await patiently(world, async () => {
    const flights = await kafka.listReassignments();
    const view = seenIn(await kafka.look());
    return { view, flights, truth: truthOf(view, flights) };
  });
}

export interface Sighted {
  readonly view: KafkaView;
  readonly flights: readonly Reassignment[];
  readonly truth: Truth;
}

function seenIn(look: KafkaLook): KafkaView {
  if (look.kind === 'seen') return look.view;
  throw new BarnabasError('kafka-failed', `cannot look at the cluster: ${look.why}`);
}

/** Of those that answer. Where nobody does, sizes are not known, and `why` says so. */
export async function readLogDirs(
  kafka: KafkaAdmin,
  brokers: readonly number[],
): Promise<{ readonly logDirs: LogDirs; readonly why: string | undefined }> {
  const answers = await Promise.all(
    brokers.map(async (id) => {
      try {
        return [id, await kafka.describeLogDirs(id)] as const;
      } catch (error) {
        if (error instanceof BarnabasError) return error.message;
        throw error;
      }
    }),
  );
  const failures = answers.filter((answer) => typeof answer === 'string');
  return { logDirs: new Map(answers.filter((answer) => typeof answer !== 'string')), why: failures[0] };
}
