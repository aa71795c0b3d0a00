/**
 * What `status`, `tree` and `why` look at: the volume, Kubernetes and Kafka. What was named must be there; what was not is
 * looked at where there is a way to it, and left out with a word where that fails.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { EventView } from '../domain/fleet/fleet.ts';
import { waitsOf, type Scene } from '../domain/fleet/verdict.ts';
import { describeIds } from '../domain/protocol/describe.ts';
import type { Seen, Sight, Unseen, VolumeSight } from '../domain/status/sight.ts';
import { leftOut } from '../domain/status/words.ts';
import { BarnabasError } from '../errors.ts';
import type { World } from '../ports.ts';
import type { BrokerPods, ClusterTarget } from '../ports-cluster.ts';
import { runProtocol } from '../runner.ts';
import { volumeErrors } from './claim-errors.ts';
import { kafkaSource, type KafkaSettings } from './kafka-source.ts';

export type SourceSettings = ClusterTarget & KafkaSettings & { readonly volume: string | undefined };

export interface Look {
  readonly sight: Sight;
  /** Of pods, oldest first; empty where Kubernetes was not seen. */
  readonly events: readonly EventView[];
}

export interface Sources {
  /** Undefined where there is no way to Kubernetes. */
  readonly brokerPods: BrokerPods | undefined;
  look(): Promise<Look>;
  close(): Promise<void>;
}

/** How long the sizes of log dirs are counted. */
const measureMs = 1500;

/** `kubernetes`: whether that is needed in any case. */
export async function openSources(
  settings: SourceSettings,
  world: World,
  kubernetes: 'needed' | 'if-named',
): Promise<Sources> {
  const isNeeded = kubernetes === 'needed' || namesKubernetes(settings);
  const isThere = isNeeded || hasKubernetes(world);
  const opened = isThere ? await orUnseen(isNeeded, () => world.brokerPods(settings)) : unseen(null);
  const brokerPods = 'list' in opened ? opened : undefined;
  const pods = brokerPods && { brokerPods, readEvents: eventsOf(brokerPods, world), isNeeded };
  const kafka = kafkaSource(settings, brokerPods, world);
  return {
    brokerPods,
    async look() {
      const [volume, cluster] = await Promise.all([
        lookAtVolume(settings.volume, world),
        pods ? lookAtPods(pods, world) : { seen: opened as Unseen, events: [] },
      ]);
      const isAlone = volume.kind === 'unseen' && cluster.seen.kind === 'unseen';
      const seen = await kafka.look(cluster.seen, isAlone);
      const sight = { volume, kubernetes: cluster.seen, kafka: seen, now: world.clock.wallTime() };
      return { sight: await measured(sight, world), events: cluster.events };
    },
    close: () => kafka.close(),
  };
}

/** Where no table tells it. */
export function warnOfLeftOut(sight: Sight, { log }: World): void {
  for (const { source, why } of leftOut(sight)) log.warn('a source is left out', { source, why });
}

const namesKubernetes = ({ volume, bootstrap, ...target }: SourceSettings): boolean => {
  const { namespace, context, kubeconfig } = target;
  const isNamed = [namespace, context, kubeconfig].some((value) => value !== undefined);
  return isNamed || (volume === undefined && bootstrap === undefined);
};

/** Where kubectl would find a cluster, or a pod its own. */
const hasKubernetes = ({ environment, files }: World): boolean =>
  environment['KUBERNETES_SERVICE_HOST'] !== undefined ||
  (environment['KUBECONFIG'] ?? '') !== '' ||
  files.readText(join(homedir(), '.kube/config')).ok;

const unseen = (why: string | null): Unseen => ({ kind: 'unseen', why, wanted: false });

/** The value, or why not; an error only where it was needed. */
async function orUnseen<T>(isNeeded: boolean, call: () => Promise<T>): Promise<T | Unseen> {
  try {
    return await call();
  } catch (error) {
    if (isNeeded || !(error instanceof BarnabasError)) throw error;
    return unseen(error.message);
  }
}

interface Pods {
  readonly brokerPods: BrokerPods;
  readonly readEvents: () => Promise<readonly EventView[]>;
  readonly isNeeded: boolean;
}

interface PodsLook {
  readonly seen: Seen<Scene>;
  readonly events: readonly EventView[];
}

/** Pods without an id say only by their events what they wait for: where those can't be read, it is told without. */
async function lookAtPods({ brokerPods, readEvents, isNeeded }: Pods, { clock }: World): Promise<PodsLook> {
  const fleet = await orUnseen(isNeeded, async () => {
    const listed = await brokerPods.list();
    if (listed.pods.length > 0 || listed.owners.length > 0) return listed;
    const why = `no pod in namespace ${listed.namespace} runs Barnabas: is --namespace right?`;
    throw new BarnabasError('brokers-missing', why);
  });
  if ('kind' in fleet) return { seen: fleet, events: [] };
  const events = await readEvents();
  return { seen: { kind: 'seen', value: { fleet, waits: waitsOf(events), now: clock.wallTime() } }, events };
}

/** Told once, however often they are asked for. */
function eventsOf(brokerPods: BrokerPods, { log }: World): () => Promise<readonly EventView[]> {
  let isTold = false;
  return async () => {
    const events = await orUnseen(false, () => brokerPods.events());
    if (!('kind' in events)) return events;
    if (!isTold) log.warn('events are left out', { why: events.why ?? undefined });
    isTold = true;
    return [];
  };
}

async function lookAtVolume(directory: string | undefined, world: World): Promise<Seen<VolumeSight>> {
  if (directory === undefined) return unseen(null);
  const { bootId } = world.machine();
  const opened = await world.openVolume(resolve(directory));
  const { volume, storage } = opened;
  const status = await volumeErrors(volume.root, () =>
    runProtocol(describeIds({ bootId, storage }), { ...opened, ...world }, { signal: world.signal }),
  );
  return { kind: 'seen', value: { root: volume.root, storage, ...status, logDirs: new Map() } };
}

/** What a broker has told of its size is not counted. */
async function measured(sight: Sight, world: World): Promise<Sight> {
  const { volume, kafka } = sight;
  if (volume.kind === 'unseen') return sight;
  const { root, ids } = volume.value;
  const told = kafka.kind === 'seen' ? kafka.value.brokers : undefined;
  const isTold = (id: number): boolean => (told?.get(id)?.bytes ?? null) !== null;
  const logDirs = await world.measureLogDirs({
    ...{ root, timeoutMs: measureMs, signal: world.signal },
    logDirs: ids.flatMap((entry) => entry.logDirs),
    known: new Set(ids.flatMap((entry) => (isTold(entry.id) ? entry.logDirs : []))),
  });
  return { ...sight, volume: { kind: 'seen', value: { ...volume.value, logDirs } } };
}
