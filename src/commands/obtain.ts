/**
 * What `claim` and `run` have in common: read everything, claim an id, clear its old registration, write
 * `server.properties`. Nothing on the volume changes before every setting has been checked.
 */
import { dirname, join, resolve } from 'node:path';
import type { obtainSettings } from '../command-settings.ts';
import { summarise, type Decision } from '../domain/decisions.ts';
import type { Claimed } from '../domain/protocol/attempt.ts';
import { claim, type ClaimRequest, type ClaimResult } from '../domain/protocol/claim.ts';
import type { ProtocolEvent } from '../domain/protocol/events.ts';
import { endOwn } from '../domain/protocol/release.ts';
import { fileReferences } from '../domain/properties/file-references.ts';
import { planProperties, type PropertiesPlan } from '../domain/properties/plan.ts';
import { renderProperties } from '../domain/properties/render.ts';
import type { Mode, Pod } from '../domain/record.ts';
import { BarnabasError } from '../errors.ts';
import type { Given, MachineFacts, OpenedVolume, Registry, World } from '../ports.ts';
import { runProtocol } from '../runner.ts';
import type { Settings } from '../settings.ts';
import { clearRegistration } from './clear-registration.ts';
import { refusal, volumeErrors, waitExpired } from './claim-errors.ts';

export type ObtainSettings = Settings<(typeof obtainSettings)[number]>;

/** Everything that was read and checked before the volume is touched. */
export interface Prepared {
  readonly settings: ObtainSettings;
  readonly opened: OpenedVolume;
  readonly plan: PropertiesPlan;
  readonly pod: Pod;
  readonly machine: MachineFacts;
  /** A session with ZooKeeper, where there is one to ask and it answered. */
  readonly registry: Registry | undefined;
}

type SuccessfulClaim = Extract<ClaimResult, { kind: 'claimed' }>;

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

export async function prepare(settings: ObtainSettings, { world, problems }: Given): Promise<Prepared> {
  const machine = world.machine();
  const { volume, plan } = checkAll(settings, world, problems);
  const opened = await world.openVolume(resolve(volume));
  checkStorage(opened, settings.acceptStorage);
  const pod = {
    name: settings.podName ?? machine.hostname,
    namespace: settings.podNamespace ?? '',
    uid: settings.podUid ?? world.randomness.uuid(),
  };
  const registry = plan.zookeeperConnect === undefined ? undefined : await world.openRegistry(plan.zookeeperConnect);
  return { settings, opened, plan, pod, machine, registry };
}

/** Where locks prove nothing, no one starts without having been told so: by the name of what is accepted. */
function checkStorage({ storage, volume }: OpenedVolume, accepted: string | undefined): void {
  if (storage.coherence !== 'untrusted' || accepted === storage.type) return;
  throw new BarnabasError(
    'volume-unsafe',
    `refused to claim on ${volume.root}: record locks on it prove nothing (${storage.why}), so a dead broker's id is never free by itself. \`barnabas doctor --volume ${volume.root}\` says more; --accept-storage ${storage.type} claims there all the same`,
  );
}

/** All problems of all settings in one error. */
function checkAll(settings: ObtainSettings, world: World, known: readonly string[]) {
  const { volume, configOut, zookeeper, advertisedHost } = settings;
  const problems = [...known, ...missingVolume(volume, known)];
  const template = readTemplate(settings.template, world, problems);
  const environment = definedOnly(world.environment);
  const podIp = settings.podIp ?? world.machine().address;
  const planned = planProperties({
    ...(template && { template }),
    environment,
    secretFiles: readSecretFiles(environment, world),
    ...(zookeeper !== undefined && { zookeeper }),
    ...(advertisedHost !== undefined && { advertisedHost }),
    ...(podIp !== undefined && { podIp }),
  });
  if (!planned.ok) problems.push(...planned.problems);
  const directory = configOut === undefined ? undefined : dirname(resolve(configOut));
  if (directory !== undefined && !world.files.isWritableDirectory(directory)) {
    problems.push(`--config-out: ${directory} is no writable directory`);
  }
  if (problems.length > 0 || !planned.ok || volume === undefined) throw invalidSettings(problems);
  for (const warning of planned.warnings) world.log.warn('check the settings', { warning });
  return { volume, plan: planned.plan };
}

/** Nothing if it was given in a way that is a problem already. */
export const missingVolume = (volume: string | undefined, problems: readonly string[]): readonly string[] =>
  volume === undefined && !problems.some((problem) => /^(--volume|BARNABAS_VOLUME):/.test(problem))
    ? ['--volume DIR is missing: where are the log dirs?']
    : [];

export function invalidSettings(problems: readonly string[]): BarnabasError {
  const lines = problems.map((problem) => `\n  - ${problem}`).join('');
  return new BarnabasError('settings-invalid', `cannot start with these settings:${lines}`);
}

function readTemplate(path: string | undefined, world: World, problems: string[]) {
  if (path === undefined) return undefined;
  const text = world.files.readText(resolve(path));
  if (text.ok) return { source: path, text: text.value };
  problems.push(`--template: ${path} can't be read (${text.errno})`);
  return undefined;
}

function readSecretFiles(environment: Readonly<Record<string, string>>, world: World) {
  return new Map(
    fileReferences(environment).map(({ variable, path }) => {
      const text = world.files.readText(path);
      return [
        variable,
        text.ok ? { path, text: text.value } : { path, problem: `can't be read (${text.errno})` },
      ] as const;
    }),
  );
}

const definedOnly = (environment: World['environment']): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** Claims an id. The claim's lock is the caller's to close or to hand on. */
export async function claimId(prepared: Prepared, mode: Mode, world: World): Promise<SuccessfulClaim> {
  const { settings, opened, pod, machine } = prepared;
  if (settings.podUid === undefined) {
    world.log.warn('no pod UID is known, so a restarted container can not recognise its claim', { set: 'POD_UID' });
  }
  const request: ClaimRequest = {
    self: { podUid: settings.podUid, node: settings.nodeName, bootId: machine.bootId },
    pod,
    mode,
    start: machine.processStart,
    storage: opened.storage,
    cluster: { firstId: settings.firstId, brokers: settings.brokers },
    clusterId: settings.clusterId ?? prepared.plan.clusterId ?? (await askClusterId(prepared, world)),
    volumeUuid: settings.volumeUuid,
    waitMs: settings.wait,
    pollMs,
    settleMs,
  };
  const result = await volumeErrors(opened.volume.root, () =>
    runProtocol(claim(request), { ...opened, ...world }, { signal: world.signal, tell: teller(world) }),
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
function teller(world: World): (event: ProtocolEvent) => void {
  let last = '';
  let lastMs = -Infinity;
  return (event) => {
    if (event.kind === 'settling')
      return world.log.info('waiting for a sign of life of the last holder', { ms: event.ms });
    if (event.kind === 'uncollected')
      return world.log.warn('cannot remove an old record', { ...event, kind: undefined });
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
  const { settings, opened } = prepared;
  const { claimed } = result;
  try {
    await clearOldRegistration(prepared, claimed, world);
    const logDir = join(opened.volume.root, claimed.logDir);
    const config = configPath(settings, claimed.brokerId, world);
    const { text, entries } = renderProperties(prepared.plan, { brokerId: claimed.brokerId, logDir });
    const written = world.files.writeAtomically(config, text);
    if (!written.ok) throw new BarnabasError('config-not-written', `cannot write ${config}: ${written.errno}`);
    world.log.info('wrote the configuration', { config, properties: entries.length });
    return { claimed, logDir, config, waitedMs: Math.round(result.waitedMs), decisions: result.decisions };
  } catch (error) {
    await abandon(prepared, claimed, world);
    throw error;
  }
}

async function clearOldRegistration({ registry, settings }: Prepared, claimed: Claimed, world: World): Promise<void> {
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

function configPath({ configOut }: ObtainSettings, brokerId: number, world: World): string {
  if (configOut !== undefined) return resolve(configOut.replaceAll('{id}', String(brokerId)));
  return join(world.files.makeTemporaryDirectory(), 'server.properties');
}

/** Ends a claim whose broker was never started. */
export async function abandon({ opened, pod }: Prepared, claimed: Claimed, world: World): Promise<void> {
  const still = new AbortController();
  await runProtocol(endOwn(claimed, pod), { ...opened, ...world }, { signal: still.signal });
  opened.volume.closeLock(claimed.handle);
}
