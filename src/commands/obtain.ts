/**
 * What `claim`, `run` and `keep` do next: claim an id, clear its old registration, make it known, write
 * `server.properties`.
 */
import { join, resolve } from 'node:path';
import { tellStory } from '../domain/claim-story.ts';
import { summarise, type Decision } from '../domain/decisions.ts';
import { eventOfClaim, eventsOfWait } from '../domain/pod-event.ts';
import type { Claimed } from '../domain/protocol/attempt.ts';
import { claim, type ClaimRequest, type ClaimResult } from '../domain/protocol/claim.ts';
import type { ProtocolEvent } from '../domain/protocol/events.ts';
import { endOwn } from '../domain/protocol/release.ts';
import { withExternal } from '../domain/properties/external.ts';
import { renderProperties } from '../domain/properties/render.ts';
import type { Mode } from '../domain/record.ts';
import { BarnabasError } from '../errors.ts';
import type { Files, World } from '../ports.ts';
import { runProtocol } from '../runner.ts';
import { clearRegistration } from './clear-registration.ts';
import { refusal, volumeErrors, waitExpired } from './claim-errors.ts';
import { learnExternal } from './external.ts';
import { leaveStory, makeKnown, tellEvent } from './in-kubernetes.ts';
import type { ObtainSettings, Prepared } from './prepare.ts';

export type SuccessfulClaim = Extract<ClaimResult, { kind: 'claimed' }>;

export interface Obtained {
  readonly claimed: Claimed;
  /** Absolute. */
  readonly logDir: string;
  readonly config: string;
  readonly waitedMs: number;
  readonly decisions: readonly Decision[];
}

/** How long ZooKeeper may take to tell the cluster's id before the claim goes on without it. */
const clusterIdMs = 5000;
/** How long it may take to tell of an old registration: as long as a broker itself would wait for its connection. */
const registrationMs = 18_000;
const pollMs = 400;
/** Three beats of a guard. */
const settleMs = 15_000;

/** Claims an id. The claim's lock is the caller's to close or to hand on. */
export async function claimId(prepared: Prepared, mode: Mode, world: World): Promise<SuccessfulClaim> {
  const { settings, opened, pod, machine, cluster, pin } = prepared;
  if (settings.podUid === undefined) {
    world.log.warn('no pod UID is known, so a restarted container can not recognise its claim', { set: 'POD_UID' });
  }
  const request: ClaimRequest = {
    self: { podUid: settings.podUid, node: settings.nodeName, bootId: machine.bootId },
    pod,
    mode,
    start: machine.processStart,
    storage: opened.storage,
    cluster,
    clusterId: settings.clusterId ?? prepared.plan.clusterId ?? (await askClusterId(prepared, world)),
    volumeUuid: pin.uuid,
    waitMs: settings.wait,
    pollMs,
    settleMs,
  };
  const result = await volumeErrors(opened.volume.root, () =>
    runProtocol(claim(request), { ...opened, ...world }, { signal: world.signal, tell: teller(prepared, world) }),
  );
  if (result.kind !== 'claimed') {
    const explainFailure = result.kind === 'refused' ? refusal : waitExpired;
    throw explainFailure(opened.volume.root, request.cluster, result);
  }
  const { brokerId, generation, evidence, logDir } = result.claimed;
  world.log.info('claimed broker id', {
    brokerId,
    generation,
    evidence,
    logDir,
    waitedMs: Math.round(result.waitedMs),
  });
  return result;
}

/** ZooKeeper knows the cluster's id before any log dir does. Its silence is no reason not to claim. */
async function askClusterId({ registry }: Prepared, world: World): Promise<string | undefined> {
  try {
    return await registry?.readClusterId({ timeoutMs: clusterIdMs, signal: world.signal });
  } catch (error) {
    if (!(error instanceof BarnabasError)) throw error;
    world.log.warn('ZooKeeper did not tell the cluster id; going by the log dirs alone', { reason: error.message });
    return undefined;
  }
}

/** Tells what a claim waits for: when it changes, and every half minute. */
function teller({ kubernetes }: Prepared, world: World): (event: ProtocolEvent) => void {
  const told = new Set<string>();
  let last = '';
  let lastMs = -Infinity;
  return (event) => {
    if (event.kind === 'settling')
      return world.log.info('waiting for a sign of life of the last holder', { ms: event.ms });
    if (event.kind === 'uncollected')
      return world.log.warn('cannot remove an old record', { ...event, kind: undefined });
    for (const wait of eventsOfWait(event.decisions, told)) tellEvent(kubernetes, wait, world.log);
    const blockers = summarise(event.decisions);
    const nowMs = world.clock.nowMs();
    if (blockers === last && nowMs - lastMs < 30_000) return;
    last = blockers;
    lastMs = nowMs;
    world.log.info('waiting for a broker id', { for: blockers, leftS: Math.round(event.leftMs / 1000) });
  };
}

/** From a claimed id to a written configuration. On any failure the claim is ended again. */
export async function makeReady(prepared: Prepared, result: SuccessfulClaim, world: World): Promise<Obtained> {
  const { claimed } = result;
  try {
    const [hasName, external] = await Promise.all([
      makeItKnown(prepared, result, world),
      learnExternal(prepared, claimed.brokerId, world),
      clearOldRegistration(prepared, claimed, world),
    ]);
    const named = hasName ? prepared.plan : prepared.planWithoutName;
    const plan = external ? withExternal(named, external) : named;
    const { logDir, config } = writeConfig({ ...prepared, plan }, claimed, world);
    return { claimed, logDir, config, waitedMs: Math.round(result.waitedMs), decisions: result.decisions };
  } catch (error) {
    await abandon(prepared, claimed, world);
    throw error;
  }
}

/** `server.properties` for a claimed id. */
function writeConfig({ settings, opened, plan }: Prepared, claimed: Claimed, { files, log }: World) {
  const logDir = join(opened.volume.root, claimed.logDir);
  const config = configPath(settings, claimed.brokerId, files);
  const { text, entries } = renderProperties(plan, { brokerId: claimed.brokerId, logDir });
  const written = files.writeAtomically(config, text);
  if (!written.ok) throw new BarnabasError('config-not-written', `cannot write ${config}: ${written.errno}`);
  log.info('wrote the configuration', { config, properties: entries.length });
  return { logDir, config };
}

/** True if the broker can be found by its own name. */
async function makeItKnown(prepared: Prepared, result: SuccessfulClaim, world: World): Promise<boolean> {
  const { kubernetes, settings, pin, opened } = prepared;
  const { log } = world;
  const { brokerId, generation, evidence, logDir } = result.claimed;
  const claim = { brokerId, generation, evidence, logDir, node: settings.nodeName ?? null };
  const story = tellStory({ ...claim, waitedMs: result.waitedMs, decisions: result.decisions });
  leaveStory(world, story);
  if (!kubernetes) return false;
  tellEvent(kubernetes, eventOfClaim(story), log);
  const { service, advertisedHost } = settings;
  const known = await makeKnown({ kubernetes, service, story, pin, opened, log });
  if (!known && service !== undefined && advertisedHost === undefined) {
    log.warn("clients are told this pod's address, which its replacement will not have", {
      brokerId,
    });
  }
  return known;
}

/** Before a broker of a claimed id starts. */
export async function clearOldRegistration(
  { registry, settings }: Prepared,
  claimed: Claimed,
  world: World,
): Promise<void> {
  if (!registry) return;
  try {
    await clearRegistration({
      registry,
      clock: world.clock,
      brokerId: claimed.brokerId,
      note: claimed.note?.registration ?? undefined,
      deathCertain: claimed.deathCertain,
      fastFailover: settings.fastFailover,
      answerMs: registrationMs,
      deadline: { timeoutMs: settings.wait, signal: world.signal },
      log: world.log,
    });
  } catch (error) {
    // A broker cannot register where nobody answers either, so there is nothing to protect: it will wait by itself.
    if (!(error instanceof BarnabasError) || error.code !== 'zookeeper-unreachable') throw error;
    world.log.warn('cannot tell whether the broker is still registered', { reason: error.message });
  }
}

function configPath({ configOut }: ObtainSettings, brokerId: number, files: Files): string {
  if (configOut !== undefined) return resolve(configOut.replaceAll('{id}', String(brokerId)));
  return join(files.makeTemporaryDirectory(), 'server.properties');
}

/** Ends a claim whose broker was never started. */
export async function abandon({ opened, pod }: Prepared, claimed: Claimed, world: World): Promise<void> {
  const still = new AbortController();
  await runProtocol(endOwn(claimed, pod), { ...opened, ...world }, { signal: still.signal });
  opened.volume.closeLock(claimed.handle);
}
