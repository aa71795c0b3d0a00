/** Whether a broker's pod does what it should, in words, and what a person can do where it does not. */
import { isLeaving, type ContainerView, type EventView, type Fleet, type FleetPod } from './fleet.ts';

export interface Verdict {
  /** `waits`: it goes on by itself. */
  readonly mark: 'good' | 'waits' | 'bad';
  readonly words: string;
  /** What to do, if anything. */
  readonly next?: string;
}

export interface Scene {
  readonly fleet: Fleet;
  /** What a pod without an id waits for, by its UID, as its agent told. */
  readonly waits: ReadonlyMap<string, string>;
  /** ISO 8601. */
  readonly now: string;
}

/** How long after its grace period a pod is still not overdue. */
const overdueMs = 60_000;

export const waitsOf = (events: readonly EventView[]): ReadonlyMap<string, string> =>
  new Map(
    events
      .filter(({ reason }) => reason === 'WaitingForTerminatingBroker')
      .map(({ podUid, note }) => [podUid, note.replace(/^Broker id/, 'id')]),
  );

export function judgePod(pod: FleetPod, scene: Scene): Verdict {
  if (isLeaving(pod)) return judgeLeaving(pod, scene.now);
  if (pod.phase === 'Failed' || pod.phase === 'Succeeded') {
    const next = `its place is taken by another pod: kubectl delete pod ${pod.name}${inNamespace(scene)}`;
    return { mark: 'bad', words: `ended: ${pod.phase}`, next };
  }
  if (pod.unscheduled !== null) {
    const next = 'make room for it, or mend what the scheduler misses';
    return { mark: 'bad', words: `not scheduled: ${pod.unscheduled}`, next };
  }
  if (pod.brokerId === null) return judgeWithoutId(pod, scene);
  const newer = newerOf(pod, scene.fleet);
  if (newer) {
    const next = `its guard ends its broker; if it stays: kubectl delete pod ${pod.name}${inNamespace(scene)}`;
    return { mark: 'bad', words: `superseded: ${newer.name} has id ${pod.brokerId}`, next };
  }
  if (pod.ready) return { mark: 'good', words: 'serves' };
  const trouble = troubleOf(pod, scene);
  return trouble
    ? { ...trouble, words: `not ready: ${trouble.words}` }
    : { mark: 'waits', words: 'not ready: its broker is starting' };
}

function judgeLeaving({ deletingUntil, node, name }: FleetPod, now: string): Verdict {
  const overdue = Date.parse(now) - Date.parse(deletingUntil ?? now) > overdueMs;
  if (!overdue) return { mark: 'waits', words: 'leaving' };
  const where = node ?? 'its Kubernetes node';
  const gone = `if the machine is off for good: kubectl taint node ${where} node.kubernetes.io/out-of-service=:NoExecute`;
  return { mark: 'bad', words: 'leaving, and overdue', next: `does ${where} run? ${name} ends with it; ${gone}` };
}

function judgeWithoutId(pod: FleetPod, scene: Scene): Verdict {
  const waits = scene.waits.get(pod.uid);
  if (waits !== undefined) {
    const next = 'nothing: it goes on as soon as that broker has ended';
    return { mark: 'waits', words: `waiting for id: ${waits}`, next };
  }
  const trouble = troubleOf(pod, scene);
  return trouble ? { ...trouble, words: `no id: ${trouble.words}` } : { mark: 'waits', words: 'no id yet' };
}

/** The live pod that has the same id by a later claim. */
function newerOf({ brokerId, generation, uid }: FleetPod, { pods }: Fleet): FleetPod | undefined {
  return pods.find(
    (other) =>
      other.uid !== uid &&
      !isLeaving(other) &&
      other.brokerId === brokerId &&
      (other.generation ?? 0) > (generation ?? 0),
  );
}

const startingUp = /^(PodInitializing|ContainerCreating|)$/;

/** The first container that is kept from running, or has just ended. */
function troubleOf({ name, containers }: FleetPod, scene: Scene): Verdict | undefined {
  for (const container of containers) {
    const { state, last } = container;
    if (state.kind === 'waiting' && !startingUp.test(state.reason)) {
      const ended = last ? `, last ended ${describeEnd(last)}` : `: ${firstLine(state.message)}`;
      const words = `${container.name}: ${state.reason}${ended}`;
      return { mark: 'bad', words, next: nextOf(container, name, scene) };
    }
    if (state.kind === 'ended' && state.status !== 0) {
      return {
        mark: 'bad',
        words: `${container.name} ended ${describeEnd(state)}`,
        next: nextOf(container, name, scene),
      };
    }
  }
  return undefined;
}

export function describeEnd({
  status,
  reason,
  message,
}: {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
}): string {
  const named = reason === '' || reason === 'Error' || reason === 'Completed' ? '' : ` (${reason})`;
  return `with status ${status}${named}${message === '' ? '' : `: ${firstLine(message)}`}`;
}

export const firstLine = (text: string): string => text.trim().split('\n', 1)[0] ?? '';

/** By what the agent's exit status means (docs/reference.md). */
const byStatus: Readonly<Record<number, string>> = {
  1: 'it starts again by itself; if that does not help, mend what the message names',
  2: 'mend the settings that the message names, then `kubectl barnabas roll`',
  3: 'data are at stake: decide what the message asks, and it goes on by itself',
  4: 'it goes on by itself once an id is free; are there more pods than ids?',
};

function nextOf({ name, agent, state, last }: ContainerView, pod: string, scene: Scene): string {
  const ended = state.kind === 'ended' ? state : last;
  if (ended?.reason === 'OOMKilled') return `raise the memory limit of container ${name}`;
  if (!ended)
    return `mend what keeps container ${name} from starting: kubectl describe pod ${pod}${inNamespace(scene)}`;
  const advice = agent ? byStatus[ended.status] : undefined;
  return advice ?? `see why: kubectl logs ${pod} -c ${name} --previous${inNamespace(scene)}`;
}

const inNamespace = ({ fleet }: Scene): string => ` -n ${fleet.namespace}`;

/** What keeps the whole from being healthy: every replica that is wanted has an id and is ready. */
export function faultsOf(scene: Scene): string[] {
  const { owners, pods } = scene.fleet;
  const serves = (pod: FleetPod): boolean => judgePod(pod, scene).mark === 'good';
  const short = owners.flatMap(({ kind, name, uid, replicas }) => {
    const serving = pods.filter((pod) => pod.ownerUid === uid && serves(pod)).length;
    return serving >= replicas ? [] : [`${kind} ${name}: ${serving} of ${replicas} brokers serve`];
  });
  const owned = new Set(owners.map(({ uid }) => uid));
  const strays = pods.filter((pod) => !owned.has(pod.ownerUid ?? '') && !isLeaving(pod) && !serves(pod));
  return [...short, ...strays.map(({ name }) => `pod ${name} does not serve`)];
}
