/**
 * `barnabas keep`: a sidecar. Claims an id, lets the broker in the container beside it start, guards it, and releases
 * the id once the broker has ended for good.
 *
 *  1. take back a permit that an earlier agent of this pod gave and nobody used
 *  2. does a broker live that used one? Then its claim is taken up again. Else claim, clear the registration, write
 *     server.properties
 *  3. guard: the watchdog on its own thread kills the broker's container when the claim is lost
 *  4. give a permit; the broker starts by using it
 *  5. its container has ended: remove what it left registered, and back to 4, as long as nobody says stop
 *  6. told to stop, with the broker ended: publish the end certificate
 *
 * A crash of this process at any point leaves a claim that only this pod takes up again.
 */
import { join } from 'node:path';
import type { keepSettings } from '../command-settings.ts';
import { beat } from '../domain/protocol/beat.ts';
import type { Claimed } from '../domain/protocol/attempt.ts';
import { endOwn } from '../domain/protocol/release.ts';
import { resume } from '../domain/protocol/resume.ts';
import { toNote, type RegistrationNote } from '../domain/registration.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { Gate, Given, Guard, PodBroker, World } from '../ports.ts';
import { runOnVolume, runProtocol } from '../runner.ts';
import type { Settings } from '../settings.ts';
import { volumeErrors } from './claim-errors.ts';
import { failWithWords, tellEvent } from './in-kubernetes.ts';
import { claimId, clearOldRegistration, makeReady, type SuccessfulClaim } from './obtain.ts';
import { ownElector, type OwnElector } from './own-elector.ts';
import { invalidSettings, prepare, type Prepared } from './prepare.ts';
import { removeDeadRegistration } from './remove-dead-registration.ts';
import { sidecarState, type Sidecar } from './sidecar-state.ts';

const beatMs = 5000;
const pollMs = 100;
/** How long the removal of a dead broker's registration may hold up the release. */
const clearanceMs = 5000;
/** How long starters may hold the lock of a claim that is to be taken up again. */
const resumeMs = 30_000;

type KeepSettings = Settings<(typeof keepSettings)[number]>;

export async function keepCommand(settings: KeepSettings, { world, problems }: Given): Promise<number> {
  const { gate: directory } = settings;
  if (directory === undefined)
    throw invalidSettings([...problems, '--gate DIR is missing: what do the containers share?']);
  const configOut = settings.configOut ?? join(directory, 'server.properties');
  const gate = await world.openGate(directory);
  gate.revoke();
  const prepared = await prepare({ ...settings, configOut }, { world, problems });
  const sidecar = sidecarState(prepared, world);
  const probes = await world.serveProbes(settings.listen, sidecar);
  try {
    return await failWithWords(world, async () => {
      gate.open();
      const held = await obtain({ prepared, gate, sidecar }, world);
      const { brokerId } = held;
      const elector = ownElector({ settings, plan: prepared.plan, brokerId }, world);
      await keepBroker({ prepared, gate, sidecar, held, directory, elector }, world);
      return exitStatus.done;
    });
  } finally {
    await probes.close();
    await prepared.registry?.close();
  }
}

interface Keeping {
  readonly prepared: Prepared;
  readonly gate: Gate;
  readonly sidecar: Sidecar;
}

/** Ready for a permit, or with a broker that has used one. */
async function obtain({ prepared, gate, sidecar }: Keeping, world: World): Promise<Claimed> {
  const broker = gate.broker();
  const resumed = broker && (await takeUp(prepared, broker, world));
  if (resumed) {
    sidecar.claimed(resumed, 0);
    return resumed;
  }
  const ownHasEnded = gate.hasEnded();
  const result = withCertainty(await claimId(prepared, 'sidecar', world), ownHasEnded);
  const { claimed, waitedMs } = await makeReady(prepared, result, world);
  sidecar.claimed(claimed, waitedMs);
  return claimed;
}

/** A free lock says nothing of a sidecar's broker, but this pod's own processes can be seen. */
function withCertainty(result: SuccessfulClaim, ownHasEnded: boolean): SuccessfulClaim {
  const { claimed } = result;
  if (claimed.evidence !== 'own' || !ownHasEnded) return result;
  return { ...result, claimed: { ...claimed, deathCertain: true } };
}

/** The claim of a broker that lives; undefined once it is dead because this pod has none. */
async function takeUp(prepared: Prepared, broker: PodBroker, world: World): Promise<Claimed | undefined> {
  const { opened, settings } = prepared;
  const untilMs = world.clock.nowMs() + resumeMs;
  for (;;) {
    const seen = await volumeErrors(opened.volume.root, () =>
      runProtocol(resume(settings.podUid ?? ''), { ...opened, ...world }, { signal: world.signal }),
    );
    if (seen.kind === 'resumed') {
      const { brokerId, generation } = seen.claimed;
      world.log.info('took up the claim of the broker that runs', { brokerId, generation, pid: broker.pid });
      return seen.claimed;
    }
    if (seen.kind === 'lost' || world.clock.nowMs() >= untilMs) {
      world.log.error('a broker runs here without a claim: killing it', { pid: broker.pid, why: seen.why });
      broker.kill();
      await awaitEnd(broker, world);
      return undefined;
    }
    await world.clock.pause(pollMs, world.signal);
  }
}

interface Kept extends Keeping {
  readonly held: Claimed;
  readonly directory: string;
  readonly elector: OwnElector;
}

async function keepBroker(kept: Kept, world: World): Promise<void> {
  const { prepared, held, directory, sidecar, elector } = kept;
  const { opened } = prepared;
  const guard = await world.startGuard({
    ...held,
    volumeRoot: opened.volume.root,
    broker: { gate: directory },
    beatMs,
  });
  const lost = guard.lost.then((why) => fail(kept, why, world));
  const registration = watchRegistration(kept, guard);
  try {
    await Promise.race([lost, serve(kept, registration, world)]);
  } finally {
    registration.stop();
    elector.stop();
    await guard.stop();
  }
  sidecar.ended();
  await release(kept, registration.last(), world);
}

/** The guard has killed the broker. Whoever claims next in this pod starts from the beginning. */
async function fail({ prepared, held, sidecar, gate }: Kept, why: string, world: World): Promise<never> {
  const { brokerId } = held;
  sidecar.lose(why);
  // Given between the guard's last look and its word, perhaps.
  gate.revoke();
  gate.broker()?.kill();
  tellEvent(
    prepared.kubernetes,
    { reason: 'ClaimLost', note: `Broker id ${brokerId}: ${why}`, type: 'Warning' },
    world.log,
  );
  prepared.opened.volume.closeLock(held.handle);
  await Promise.resolve();
  throw new BarnabasError('claim-lost', `broker ${brokerId} was killed, since it had lost its id: ${why}`);
}

interface WatchedRegistration {
  last(): RegistrationNote | undefined;
  stop(): void;
}

function watchRegistration({ prepared, held, sidecar, elector }: Kept, guard: Guard): WatchedRegistration {
  let last: RegistrationNote | undefined;
  const stop = prepared.registry?.watchRegistration(held.brokerId, (registration) => {
    sidecar.registered(registration !== undefined);
    if (!registration) return;
    // Anew, as after a lost session: others lead by now.
    if (last && last.sessionId !== registration.sessionId) elector.begin();
    last = toNote(registration);
    guard.note({ registration: last });
  });
  return { last: () => last, stop: () => stop?.() };
}

/** One start of the broker after the other, until told to stop. */
async function serve(kept: Kept, registration: WatchedRegistration, world: World): Promise<void> {
  const { gate, held, prepared, sidecar, elector } = kept;
  for (;;) {
    const broker = gate.broker() ?? (await admit(kept, world));
    if (!broker) return;
    gate.note(broker);
    sidecar.began();
    elector.begin();
    world.log.info('the broker has started', { brokerId: held.brokerId, pid: broker.pid });
    await awaitEnd(broker, world);
    elector.stop();
    sidecar.ended();
    world.log.info('the broker has ended', { brokerId: held.brokerId });
    if (isStopped(world) || sidecar.lost !== undefined) return;
    const dead = { ...held, deathCertain: true, note: noteOf(held, registration.last()) };
    await clearOldRegistration(prepared, dead, world);
  }
}

const noteOf = ({ generation, note }: Claimed, registration: RegistrationNote | undefined): Claimed['note'] =>
  registration ? { generation, state: 'ended', beat: 0, registration } : note;

const isStopped = ({ signal }: World): boolean => signal.aborted;

/** Gives a permit and waits until it is used. Undefined if told to stop, with the permit taken back. */
async function admit(kept: Kept, world: World): Promise<PodBroker | undefined> {
  const { gate, sidecar } = kept;
  if (isStopped(world)) return undefined;
  throwUnlessHeld(kept);
  gate.issue();
  sidecar.admitted();
  do {
    const broker = gate.broker();
    if (broker) return broker;
    await world.clock.pause(pollMs, world.signal);
  } while (!isStopped(world));
  gate.revoke();
  // Used at the last moment, perhaps.
  return gate.broker();
}

/** The guard may be about to say so: nothing starts on a lost claim. */
function throwUnlessHeld({ held, prepared }: Kept): void {
  const { generation, brokerId, note } = held;
  const state = { generation, state: 'claimed', beat: 0, registration: note?.registration ?? null } as const;
  const look = runOnVolume(beat(held, state), prepared.opened.volume);
  if (look.kind === 'lost') throw new BarnabasError('claim-lost', `cannot start broker ${brokerId}: ${look.why}`);
}

async function awaitEnd(broker: PodBroker, { clock }: World): Promise<void> {
  while (broker.liveMembers().length > 0) await clock.pause(pollMs, new AbortController().signal);
}

/** No process of the broker's container lives, and no permit is out. */
async function release(
  { prepared, held }: Kept,
  registration: RegistrationNote | undefined,
  world: World,
): Promise<void> {
  const { opened, pod, registry, settings } = prepared;
  const { brokerId, generation } = held;
  if (registry && registration && settings.fastFailover) {
    const deadline = { timeoutMs: clearanceMs, signal: new AbortController().signal };
    await removeDeadRegistration({ registry, brokerId, note: registration, deadline, log: world.log });
  }
  const options = { signal: new AbortController().signal };
  const ours = await volumeErrors(opened.volume.root, () =>
    runProtocol(endOwn(held, pod), { ...opened, ...world }, options),
  );
  opened.volume.closeLock(held.handle);
  if (ours) world.log.info('released broker id', { brokerId, generation });
}
