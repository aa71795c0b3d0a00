/** The story of one pod: what its agent decided, what happened to it, how its containers fare, and what to do. */
import { describeStory } from '../claim-story.ts';
import type { Line } from '../status/report.ts';
import { describeBroker, describeLogDir } from '../status/words.ts';
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
  /** What the volume and Kafka say of its id, where they were seen. */
  readonly id: readonly string[];
  /** Age, type, reason, note. */
  readonly events: readonly (readonly string[])[];
  readonly containers: readonly string[];
  readonly next: string | undefined;
}

export interface Told {
  readonly scene: Scene;
  readonly events: readonly EventView[];
  /** Of a status. */
  readonly lines: readonly Line[];
}

export function storyOf(pod: FleetPod, { scene, events, lines }: Told): Story {
  const line = lines.find((each) => each.pod?.uid === pod.uid);
  const { words, next } = line?.verdict ?? judgePod(pod, scene);
  const where = pod.node === null ? '' : ` on ${pod.node}`;
  const own = events.filter(({ podUid }) => podUid === pod.uid);
  return {
    title: `pod ${pod.name}${where}, ${ageOf(pod.createdAt, scene.now)} old: ${words}`,
    claim: claimLines(pod),
    id: line ? idLines(line) : [],
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

/** Of an id that no pod has. */
export function storyOfId(line: Line): Story {
  const title = `broker ${String(line.id)}: ${line.verdict.words}`;
  return { title, claim: [], id: idLines(line), events: [], containers: [], next: line.verdict.next };
}

function idLines(line: Line): string[] {
  const { claim, broker } = line;
  const holder = claim?.holder;
  const node = holder?.node ?? null;
  const where = node === null ? '' : ` on ${node}`;
  return [
    ...(claim ? [`on the volume: ${describeLogDir(line) ?? 'no log dir'}; lock ${claim.lock}; ${claim.verdict}`] : []),
    ...(holder ? [`its last claim: generation ${holder.generation} by ${holder.pod}${where}, ${holder.since}`] : []),
    ...(broker ? [`in Kafka: ${describeBroker(broker)}`] : []),
  ];
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
  | { readonly kind: 'id'; readonly line: Line }
  | { readonly kind: 'pod'; readonly pod: FleetPod; readonly others: readonly FleetPod[] }
  | { readonly kind: 'none'; readonly why: string };

/** A pod's name, or a broker id: then the pod that has it, the newest claim before older ones; or the id itself. */
export function subjectOf(asked: string, { scene: { fleet }, lines }: Pick<Told, 'scene' | 'lines'>): Subject {
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
  const line = lines.find(({ id }) => id === Number(asked));
  if (line) return { kind: 'id', line };
  const without = pods.filter(({ brokerId }) => brokerId === null).map(({ name }) => name);
  const who = without.length === 0 ? 'and no pod is without an id' : `and without an id are: ${without.join(', ')}`;
  return { kind: 'none', why: `no pod in ${namespace} has broker id ${asked}, ${who}` };
}
