/** The story of one pod: what its agent decided, what happened to it, how its containers fare, and what to do. */
import { describeStory } from '../claim-story.ts';
import { ageOf } from './age.ts';
import {
  isLeaving,
  type ContainerState,
  type ContainerView,
  type Ended,
  type EventView,
  type FleetPod,
} from './fleet.ts';
import { describeEnd, judgePod, type Scene } from './verdict.ts';

export interface Story {
  readonly title: string;
  /** Of the claim; empty if there is none yet. */
  readonly claim: readonly string[];
  /** Age, type, reason, note. */
  readonly events: readonly (readonly string[])[];
  readonly containers: readonly string[];
  readonly next: string | undefined;
}

export function storyOf(pod: FleetPod, events: readonly EventView[], scene: Scene): Story {
  const { words, next } = judgePod(pod, scene);
  const where = pod.node === null ? '' : ` on ${pod.node}`;
  const own = events.filter(({ podUid }) => podUid === pod.uid);
  return {
    title: `pod ${pod.name}${where}, ${ageOf(pod.createdAt, scene.now)} old: ${words}`,
    claim: claimLines(pod),
    events: own.map(({ at, type, reason, note, count }) => [
      `${ageOf(at, scene.now)} ago`,
      type,
      count > 1 ? `${reason} ×${count}` : reason,
      note,
    ]),
    containers: pod.containers.flatMap((container) => containerLines(container, scene.now)),
    next,
  };
}

function claimLines({ brokerId, generation, claim }: FleetPod): string[] {
  if (brokerId === null) return [];
  // What is written of another claim is an older one's, which could not be overwritten.
  if (claim?.brokerId !== brokerId || claim.generation !== generation) {
    return [`broker id ${brokerId}, generation ${generation ?? '?'}: how it was claimed is not written on the pod`];
  }
  const { node, logDir } = claim;
  return [describeStory(claim), `log dir ${logDir}${node === null ? '' : `, claimed on ${node}`}`];
}

function containerLines({ name, state, restarts, last }: ContainerView, now: string): string[] {
  const times = restarts === 1 ? '1 restart' : `${restarts} restarts`;
  return [`${name}: ${stateLine(state, now)} (${times})`, ...(last ? [`  before that: ${endLine(last, now)}`] : [])];
}

function stateLine(state: ContainerState, now: string): string {
  if (state.kind === 'running') return `running for ${ageOf(state.since, now)}`;
  return state.kind === 'ended' ? endLine(state, now) : `waiting: ${state.reason} ${state.message}`.trim();
}

const endLine = (ended: Ended, now: string): string => `ended ${ageOf(ended.at, now)} ago ${describeEnd(ended)}`;

export type Subject =
  | { readonly kind: 'pod'; readonly pod: FleetPod; readonly others: readonly FleetPod[] }
  | { readonly kind: 'none'; readonly why: string };

/** A pod's name, or a broker id: then the pod that has it, the newest claim before older ones. */
export function subjectOf(asked: string, { fleet }: Pick<Scene, 'fleet'>): Subject {
  const { pods, namespace } = fleet;
  const named = pods.find(({ name }) => name === asked);
  if (named) return { kind: 'pod', pod: named, others: [] };
  if (!/^\d+$/.test(asked)) {
    const known = pods.length === 0 ? 'there are none' : pods.map(({ name }) => name).join(', ');
    return { kind: 'none', why: `no broker's pod in ${namespace} is called ${asked}: ${known}` };
  }
  const rank = (pod: FleetPod): number => (isLeaving(pod) ? 0 : 1e9) + (pod.generation ?? 0);
  const [pod, ...others] = pods.filter(({ brokerId }) => brokerId === Number(asked)).sort((a, b) => rank(b) - rank(a));
  if (pod) return { kind: 'pod', pod, others };
  const without = pods.filter(({ brokerId }) => brokerId === null).map(({ name }) => name);
  const who = without.length === 0 ? 'and no pod is without an id' : `and without an id are: ${without.join(', ')}`;
  return { kind: 'none', why: `no pod in ${namespace} has broker id ${asked}, ${who}` };
}
