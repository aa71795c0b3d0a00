/**
 * `barnabas run -- COMMAND…`: claims an id, starts the broker, guards it, and releases the id after its death.
 *
 *  1. claim, clear the old registration, write server.properties
 *  2. beat once: the claim may have been waiting, and nothing starts on a lost one
 *  3. start the broker with the id lock's descriptor: from here on the kernel keeps the lock as long as it lives
 *  4. guard: the watchdog on its own thread; this thread forwards signals and notes the broker's registration
 *  5. the broker has ended and been reaped: wait for whatever else lives in its process group
 *  6. relock: the kernel grants the lock anew only if every process that inherited it is dead
 *  7. remove its registration, if it died without doing so itself
 *  8. publish the end certificate
 *
 * A crash of this process at any point leaves the broker running under its lock, or a free lock behind an open claim.
 */
import { constants } from 'node:os';
import { dirname } from 'node:path';
import type { runSettings } from '../command-settings.ts';
import { beat, type Held } from '../domain/protocol/beat.ts';
import { endOwn, relock, type Relocked } from '../domain/protocol/release.ts';
import { toNote, type RegistrationNote } from '../domain/registration.ts';
import { BarnabasError } from '../errors.ts';
import type { Child, ChildEnd, Given, Guard, World } from '../ports.ts';
import { runOnVolume, runProtocol } from '../runner.ts';
import type { Settings } from '../settings.ts';
import { volumeErrors } from './claim-errors.ts';
import { failWithWords } from './in-kubernetes.ts';
import { removeDeadRegistration } from './remove-dead-registration.ts';
import { abandon, claimId, makeReady, type Obtained } from './obtain.ts';
import { prepare, type Prepared } from './prepare.ts';

const beatMs = 5000;
/** How long the removal of a dead broker's registration may hold up its release. */
const clearanceMs = 5000;
const groupPollMs = 100;
/** How long a process outside the broker's group may keep the id lock before it is left its claim. */
const relockMs = 10_000;

export interface RunOrder {
  readonly settings: Settings<(typeof runSettings)[number]>;
  readonly command: readonly string[];
}

export async function runCommand({ settings, command }: RunOrder, { world, problems }: Given): Promise<number> {
  const missing = 'no command: write it after `--`, as in `-- kafka-server-start.sh {config}`';
  const prepared = await prepare(settings, { world, problems: command.length > 0 ? problems : [...problems, missing] });
  let ready: Obtained | undefined;
  try {
    return await failWithWords(world, async () => {
      ready = await makeReady(prepared, await claimId(prepared, 'wrapper', world), world);
      return await runBroker({ prepared, ready, command }, world);
    });
  } finally {
    if (ready && settings.configOut === undefined) world.files.removeTemporaryDirectory(dirname(ready.config));
    await prepared.registry?.close();
  }
}

interface Run {
  readonly prepared: Prepared;
  readonly ready: Obtained;
  readonly command: readonly string[];
}

async function runBroker(run: Run, world: World): Promise<number> {
  const { prepared, ready } = run;
  const held: Held = ready.claimed;
  const signals = holdSignals(world);
  try {
    const child = await startBroker(run, world);
    const volumeRoot = prepared.opened.volume.root;
    const guard = await world.startGuard({ ...held, volumeRoot, broker: { group: child.pid }, beatMs });
    const registration = watchRegistration(prepared, held.brokerId, guard);
    signals.forwardTo(child, guard);
    const end = await awaitEnd(child, world);
    registration.stop();
    await guard.stop();
    await throwIfLost(guard, prepared, held);
    world.log.info('the broker has ended', { brokerId: held.brokerId, status: exitStatusOf(end) });
    await release(prepared, { held, registration: registration.last() }, world);
    return exitStatusOf(end);
  } finally {
    signals.stop();
  }
}

interface HeldSignals {
  forwardTo(child: Child, guard: Guard): void;
  stop(): void;
}

/** From here on signals are the broker's. Those that come before it runs are kept for it. */
function holdSignals(world: World): HeldSignals {
  const early: NodeJS.Signals[] = [];
  let deliver = (signal: NodeJS.Signals): void => void early.push(signal);
  const stop = world.processes.hear((signal) => deliver(signal));
  return {
    forwardTo(child, guard) {
      deliver = (signal) => {
        world.log.info('forwarding a signal to the broker', { signal });
        if (signal === 'SIGTERM' || signal === 'SIGINT') guard.note({ state: 'stopping' });
        child.signal(signal);
      };
      early.forEach(deliver);
    },
    stop,
  };
}

/** Starts nothing on a claim that was lost while it waited, or after being told to stop. */
async function startBroker({ prepared, ready, command }: Run, world: World): Promise<Child> {
  const { claimed, config } = ready;
  const { brokerId, generation, handle } = claimed;
  try {
    const state = { generation, state: 'claimed', beat: 0, registration: null } as const;
    const look = runOnVolume(beat(claimed, state), prepared.opened.volume);
    if (look.kind === 'lost') throw new BarnabasError('claim-lost', `cannot start broker ${brokerId}: ${look.why}`);
    if (world.signal.aborted)
      throw new BarnabasError('interrupted', `told to stop before broker ${brokerId} was started`);
    const words = command.map((word) => word.replaceAll('{config}', config).replaceAll('{id}', String(brokerId)));
    const child = await world.processes.start(words, handle);
    world.log.info('started the broker', { brokerId, pid: child.pid, command: words[0] });
    return child;
  } catch (error) {
    await abandon(prepared, claimed, world);
    throw error;
  }
}

interface WatchedRegistration {
  last(): RegistrationNote | undefined;
  stop(): void;
}

/** Keeps the broker's registration noted on the volume, for whoever finds it dead. */
function watchRegistration({ registry }: Prepared, brokerId: number, guard: Guard): WatchedRegistration {
  let last: RegistrationNote | undefined;
  const stop = registry?.watchRegistration(brokerId, (registration) => {
    if (!registration) return;
    last = toNote(registration);
    guard.note({ registration: last });
  });
  return { last: () => last, stop: () => stop?.() };
}

/** The end of the command, and of whatever it left in its process group: a shell's child, or a daemon. */
async function awaitEnd(child: Child, world: World): Promise<ChildEnd> {
  const end = await child.ended;
  let told = false;
  for (let members = child.liveMembers(); members.length > 0; members = child.liveMembers()) {
    if (!told)
      world.log.warn('the command has ended, but what it started has not: guarding it', { pids: members.join(' ') });
    told = true;
    await world.clock.pause(groupPollMs, new AbortController().signal);
  }
  return end;
}

async function throwIfLost(guard: Guard, { opened }: Prepared, held: Held): Promise<void> {
  const why = await Promise.race([guard.lost, Promise.resolve(undefined)]);
  if (why === undefined) return;
  opened.volume.closeLock(held.handle);
  throw new BarnabasError('claim-lost', `broker ${held.brokerId} was killed, since it had lost its id: ${why}`);
}

interface Ended {
  readonly held: Held;
  readonly registration: RegistrationNote | undefined;
}

/** Steps 6 to 8. Where somebody outlives the broker with its lock, the claim is left as it is: the lock tells its end. */
async function release(prepared: Prepared, { held, registration }: Ended, world: World): Promise<void> {
  const { opened, pod, settings, registry } = prepared;
  const { brokerId } = held;
  const relocked = await relockWithin(prepared, held, world);
  if (relocked.kind === 'succeeded') {
    world.log.info('a successor has claimed the broker id already', { brokerId });
    return;
  }
  if (relocked.kind === 'not-alone') {
    world.log.error('a process outside the group of the broker holds its id lock: the claim stays', { brokerId });
    return;
  }
  if (registry && registration && settings.fastFailover) {
    const deadline = { timeoutMs: clearanceMs, signal: new AbortController().signal };
    await removeDeadRegistration({ registry, brokerId, note: registration, deadline, log: world.log });
  }
  const options = { signal: new AbortController().signal };
  const ours = await volumeErrors(opened.volume.root, () =>
    runProtocol(endOwn(held, pod), { ...opened, ...world }, options),
  );
  opened.volume.closeLock(relocked.handle);
  if (ours) world.log.info('released broker id', { brokerId, generation: held.generation });
}

async function relockWithin({ opened }: Prepared, held: Held, world: World): Promise<Relocked> {
  const untilMs = world.clock.nowMs() + relockMs;
  opened.volume.closeLock(held.handle);
  for (;;) {
    const result = runOnVolume(relock(held), opened.volume);
    if (result.kind !== 'not-alone' || world.clock.nowMs() >= untilMs) return result;
    await world.clock.pause(groupPollMs, new AbortController().signal);
  }
}

/** 128 and the signal's number, as a shell says it. */
function exitStatusOf({ code, signal }: ChildEnd): number {
  return code ?? 128 + (signal ? constants.signals[signal] : 0);
}
