/** Who belongs to whom, drawn with lines: owners, pods, broker ids, and what an id has. */
import type { Line } from '../status/report.ts';
import { describeBroker, describeLogDir } from '../status/words.ts';
import { inOrder, type BrokerService, type FleetPod, type Owner } from './fleet.ts';
import { judgePod, type Scene, type Verdict } from './verdict.ts';

export interface Branch {
  readonly text: string;
  readonly mark?: Verdict['mark'];
  readonly below: readonly Branch[];
}

/** A line of a drawing, with what to paint apart. */
export interface TreeLine {
  readonly lines: string;
  readonly mark: Verdict['mark'] | undefined;
  readonly text: string;
}

export function drawTree(branches: readonly Branch[]): TreeLine[] {
  return branches.flatMap(({ text, mark, below }) => [{ lines: '', mark, text }, ...drawBelow(below, '')]);
}

function drawBelow(branches: readonly Branch[], lines: string): TreeLine[] {
  return branches.flatMap(({ text, mark, below }, index) => {
    const isLast = index === branches.length - 1;
    const here = { lines: `${lines}${isLast ? '└─ ' : '├─ '}`, mark, text };
    return [here, ...drawBelow(below, `${lines}${isLast ? '   ' : '│  '}`)];
  });
}

export interface Soil {
  readonly scene: Scene;
  /** Of a status: volume and Kafka, where they were seen. */
  readonly lines: readonly Line[];
  readonly services: readonly BrokerService[];
}

export function growTree(soil: Soil): Branch[] {
  const { owners, pods, namespace } = soil.scene.fleet;
  const owned = new Set(owners.map(({ uid }) => uid));
  const strays = pods.filter(({ ownerUid }) => !owned.has(ownerUid ?? ''));
  const podless = soil.lines.filter(({ pod }) => !pod);
  return [
    ...owners.map((owner) => ownerBranch(owner, soil)),
    ...(strays.length === 0
      ? []
      : [{ text: `pods of no ReplicaSet in ${namespace}`, below: podBranches(strays, soil) }]),
    ...(podless.length === 0 ? [] : [{ text: 'broker ids without a pod', below: podless.map(podlessBranch) }]),
  ];
}

function ownerBranch({ kind, name, uid, replicas }: Owner, soil: Soil): Branch {
  const pods = soil.scene.fleet.pods.filter(({ ownerUid }) => ownerUid === uid);
  const ready = pods.filter((pod) => judgePod(pod, soil.scene).mark === 'good').length;
  return { text: `${kind} ${name}: ${ready} of ${replicas} serve`, below: podBranches(pods, soil) };
}

const podBranches = (pods: readonly FleetPod[], soil: Soil): Branch[] =>
  inOrder(pods).map((pod) => podBranch(pod, soil));

function podBranch(pod: FleetPod, soil: Soil): Branch {
  const line = soil.lines.find((each) => each.pod?.uid === pod.uid);
  const { mark, words } = line?.verdict ?? judgePod(pod, soil.scene);
  const text = `pod ${pod.name}${pod.node === null ? '' : ` on ${pod.node}`}: ${words}`;
  const below = pod.brokerId === null ? [] : [idBranch({ pod, brokerId: pod.brokerId, line }, soil.services)];
  return { text, mark, below };
}

interface PodWithId {
  readonly pod: FleetPod;
  readonly brokerId: number;
  readonly line: Line | undefined;
}

function idBranch({ pod, brokerId, line }: PodWithId, services: readonly BrokerService[]): Branch {
  const { generation, claim, pvc } = pod;
  const how = claim ? ` (${claim.evidence})` : '';
  const names = services.filter((service) => service.brokerId === brokerId).map(({ name }) => `Service ${name}`);
  const place = [pvc === null ? undefined : `pvc ${pvc}`, (line && describeLogDir(line)) ?? claim?.logDir];
  return {
    text: `broker ${brokerId}, generation ${generation ?? '?'}${how}`,
    below: leaves([...(names.length > 0 ? names : ['no Service']), together(place), brokerLeaf(line)]),
  };
}

const podlessBranch = (line: Line): Branch => ({
  text: `broker ${String(line.id)}: ${line.verdict.words}`,
  mark: line.verdict.mark,
  below: leaves([describeLogDir(line), brokerLeaf(line)]),
});

const brokerLeaf = (line: Line | undefined): string | undefined => line?.broker && describeBroker(line.broker);

function together(parts: readonly (string | undefined)[]): string | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : known.join(', ');
}

const leaves = (texts: readonly (string | undefined)[]): Branch[] =>
  texts.flatMap((text) => (text === undefined ? [] : [{ text, below: [] }]));
