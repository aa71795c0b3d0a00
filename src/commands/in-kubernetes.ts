/**
 * What a claim has to do with Kubernetes, where it runs there: before it, how many brokers there are and which volume it
 * must be; after it, whose pod this is. None of it is needed to keep two brokers apart, so none of it stops a claim.
 */
import type { Cluster } from '../domain/candidates.ts';
import { describeStory, type ClaimStory } from '../domain/claim-story.ts';
import type { PodEvent } from '../domain/pod-event.ts';
import { readIdentity } from '../domain/protocol/layout.ts';
import type { Log, OpenedVolume, World } from '../ports.ts';
import type { Kubernetes, Told } from '../ports-cluster.ts';
import { runOnVolume } from '../runner.ts';

interface SizeSettings {
  readonly firstId: number;
  readonly brokers: number | undefined;
}

/** `--brokers`, or what the ReplicaSet of this pod says. Where that can't be learnt no new id is made. */
export async function sizeOfCluster(
  { firstId, brokers }: SizeSettings,
  kubernetes: Kubernetes | undefined,
  log: Log,
): Promise<Cluster> {
  if (brokers !== undefined || !kubernetes) return { firstId, brokers };
  const replicas = await kubernetes.readReplicas();
  if (replicas.kind === 'found') return { firstId, brokers: replicas.value };
  if (replicas.kind === 'absent') {
    log.warn('no ReplicaSet or StatefulSet owns this pod, so there is no cap on ids', { set: '--brokers' });
    return { firstId, brokers };
  }
  log.warn('cannot learn how many brokers there are: no new id is made', { why: replicas.why, set: '--brokers' });
  return { firstId, brokers, noNewIds: true };
}

const mapOf = (service: string): string => `${service}-volume`;

export interface Pin {
  readonly uuid: string | undefined;
  /** Whether the volume's own is to be pinned once it is known. */
  readonly missing: boolean;
}

/** `--volume-uuid`, or what an earlier claim pinned. */
export async function pinnedUuid(
  { volumeUuid, service }: { readonly volumeUuid: string | undefined; readonly service: string | undefined },
  kubernetes: Kubernetes | undefined,
  log: Log,
): Promise<Pin> {
  if (volumeUuid !== undefined || !kubernetes || service === undefined) return { uuid: volumeUuid, missing: false };
  const pinned = await kubernetes.readPinnedUuid(mapOf(service));
  if (pinned.kind === 'found') return { uuid: pinned.value, missing: false };
  if (pinned.kind === 'absent') return { uuid: undefined, missing: true };
  log.warn('cannot learn which volume this must be: any will do', { why: pinned.why });
  return { uuid: undefined, missing: false };
}

export interface MakeKnown {
  readonly kubernetes: Kubernetes;
  readonly service: string | undefined;
  readonly story: ClaimStory;
  readonly pin: Pin;
  readonly opened: OpenedVolume;
  readonly log: Log;
}

/**
 * True if clients find this broker by the name of its Service. A pod that takes its own id again was found by it before,
 * and still is while the API is away.
 */
export async function makeKnown(step: MakeKnown): Promise<boolean> {
  const { kubernetes, service, story, pin, opened, log } = step;
  const { brokerId } = story;
  const identity = pin.missing && service !== undefined ? runOnVolume(readIdentity(), opened.volume) : undefined;
  const [labelled, served, pinned] = await Promise.all([
    kubernetes.labelPod(story),
    service === undefined ? noService : kubernetes.ensureService(service, brokerId),
    service !== undefined && identity ? kubernetes.pinUuid(mapOf(service), identity.uuid) : ('done' as const),
  ]);
  warn(log, 'cannot label this pod with its broker id', labelled);
  warn(log, 'cannot pin the uuid of the volume', pinned);
  if (service === undefined) return false;
  warn(log, 'there is no Service of this broker id', served);
  return [labelled, served].every((told) => told === 'done' || (told.silent === true && story.evidence === 'own'));
}

const noService: Told = { why: 'no --service is set' };

function warn(log: Log, message: string, told: Told): void {
  if (told !== 'done') log.warn(message, { why: told.why });
}

/** In the background: nobody waits for it, and a failure is told and forgotten. */
export function tellEvent(kubernetes: Kubernetes | undefined, event: PodEvent, log: Log): void {
  void kubernetes?.tell(event).then((told) => warn(log, 'cannot write a Kubernetes event', told));
}

/** Where the kubelet looks for the last words of a container (Source: Kubernetes, "Customizing the termination message"). */
const terminationLog = '/dev/termination-log';

/** Last words: what `kubectl describe pod` shows of a container that has ended. At most 4096 bytes are kept. */
export function leaveLastWords({ files }: Pick<World, 'files'>, words: string): void {
  files.overwrite(terminationLog, words.slice(0, 4000));
}

/** The words of a container that ends well, or that is killed: how it came to its id. */
export const leaveStory = (world: Pick<World, 'files'>, story: ClaimStory): void =>
  leaveLastWords(world, describeStory(story));

/** The words of one that fails: why. */
export async function failWithWords<T>(world: Pick<World, 'files'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    leaveLastWords(world, (error as Error).message);
    throw error;
  }
}
