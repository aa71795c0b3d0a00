/**
 * The real runner of the protocol: executes each effect on the ports.
 *
 * File-system effects run at once, without a turn of the event loop in between; only pauses, the queue and questions to
 * the outside are awaited. Every round of a claim begins with a listing of the root, and before it the volume is asked
 * whether it answers at all, with a deadline: a hung network mount is told, not waited for in silence.
 */
import type { Effect, Step } from './domain/protocol/effects.ts';
import type { ProtocolEvent } from './domain/protocol/events.ts';
import { BarnabasError } from './errors.ts';
import type { Clock, EvidenceSource, Randomness, StartQueue, Volume } from './ports.ts';

export interface ProtocolPorts {
  readonly volume: Volume;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly evidence: EvidenceSource;
  readonly queue: StartQueue;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly tell?: (event: ProtocolEvent) => void;
}

/** How long a starter takes its turn before it does without (design: the crowd). */
const queueTimeoutMs = 1000;
/** How long a volume may be silent before a claim gives up. */
const silenceMs = 30_000;

/** Runs a piece of the protocol to its end. Throws BarnabasError('interrupted') when the signal aborts. */
export async function runProtocol<T>(step: Step<T>, ports: ProtocolPorts, options: RunOptions): Promise<T> {
  let next = step.next();
  try {
    while (!next.done) {
      if (options.signal.aborted) throw new BarnabasError('interrupted', 'interrupted before an id was claimed');
      const answer = perform(next.value, ports, options);
      next = step.next(answer instanceof Promise ? await answer : answer);
    }
  } finally {
    if (!next.done) finish(step, ports, options);
  }
  return next.value;
}

/** Lets an abandoned protocol close what it holds; its clean-up is synchronous file-system work only. */
function finish<T>(step: Step<T>, ports: ProtocolPorts, options: RunOptions): void {
  let next = step.return(undefined as never);
  while (!next.done) {
    const answer = perform(next.value, ports, options);
    next = step.next(answer instanceof Promise ? undefined : answer);
  }
}

/** Runs a piece of the protocol that needs nothing but the volume, at once. Throws if it asks for anything else. */
export function runOnVolume<T>(step: Step<T>, volume: Volume): T {
  let next = step.next();
  while (!next.done) next = step.next(performOnVolume(next.value as VolumeEffect, volume));
  return next.value;
}

type OtherEffect = Extract<
  Effect,
  {
    op:
      | 'askEvidence'
      | 'enterQueue'
      | 'leaveQueue'
      | 'nonce'
      | 'wallTime'
      | 'elapsedMs'
      | 'pause'
      | 'pauseAround'
      | 'tell';
  }
>;
type VolumeEffect = Exclude<Effect, OtherEffect>;

function perform(effect: Effect, ports: ProtocolPorts, { signal, tell }: RunOptions): unknown {
  const { volume, clock, randomness } = ports;
  switch (effect.op) {
    case 'askEvidence':
      return ports.evidence.ask(effect.record);
    case 'enterQueue':
      return ports.queue.enter(queueTimeoutMs);
    case 'leaveQueue':
      return ports.queue.leave();
    case 'nonce':
      return randomness.uuid();
    case 'wallTime':
      return clock.wallTime();
    case 'elapsedMs':
      return clock.nowMs();
    case 'pause':
      return clock.pause(effect.ms, signal);
    case 'pauseAround':
      return clock.pause(effect.ms * (0.5 + randomness.fraction()), signal);
    case 'tell':
      return tell?.(effect.event);
    default:
      return effect.op === 'list' && effect.path === '.' ? listRoot(volume, signal) : performOnVolume(effect, volume);
  }
}

// One line an effect: splitting it would hide that they are all there.
// eslint-disable-next-line complexity
function performOnVolume(effect: VolumeEffect, volume: Volume): unknown {
  switch (effect.op) {
    case 'list':
      return volume.list(effect.path);
    case 'read':
      return volume.read(effect.path);
    case 'create':
      return volume.create(effect.path, effect.text);
    case 'link':
      return volume.link(effect.existing, effect.name);
    case 'unlink':
      return volume.unlink(effect.path);
    case 'makeDirectory':
      return volume.makeDirectory(effect.path);
    case 'removeDirectory':
      return volume.removeDirectory(effect.path);
    case 'syncDirectory':
      return volume.syncDirectory(effect.path);
    case 'openLock':
      return volume.openLock(effect.path, effect.make);
    case 'tryLock':
      return volume.tryLock(effect.handle);
    case 'isSameFile':
      return volume.isSameFile(effect.handle, effect.path);
    case 'readLock':
      return volume.readLock(effect.handle);
    case 'writeLock':
      return volume.writeLock(effect.handle, effect.text);
    case 'closeLock': {
      volume.closeLock(effect.handle);
      return;
    }
    case 'probeKafkaLock':
      return volume.probeKafkaLock(effect.path);
    case 'lockState':
      return volume.lockState(effect.path);
    case 'areLocked':
      return volume.areLocked(effect.paths);
  }
}

/** Throws BarnabasError('volume-silent') if the volume does not answer. */
export async function listRoot(volume: Volume, signal: AbortSignal): Promise<unknown> {
  const answer = await volume.listRoot({ timeoutMs: silenceMs, signal });
  if (answer === 'silent') {
    const seconds = String(silenceMs / 1000);
    throw new BarnabasError(
      'volume-silent',
      `cannot list ${volume.root}: the volume did not answer for ${seconds} s; is its server reachable from this machine?`,
    );
  }
  return answer;
}
