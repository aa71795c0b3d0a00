/** Who belongs to whom, drawn with lines: owners, pods, broker ids, and what an id has. */
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

export function growTree(scene: Scene, services: readonly BrokerService[]): Branch[] {
  const { owners, pods, namespace } = scene.fleet;
  const leaves = { scene, services };
  const owned = new Set(owners.map(({ uid }) => uid));
  const strays = pods.filter(({ ownerUid }) => !owned.has(ownerUid ?? ''));
  const top = owners.map((owner) => ownerBranch(owner, leaves));
  if (strays.length === 0) return top;
  return [...top, { text: `pods of no ReplicaSet in ${namespace}`, below: podBranches(strays, leaves) }];
}

interface Leaves {
  readonly scene: Scene;
  readonly services: readonly BrokerService[];
}

function ownerBranch({ kind, name, uid, replicas }: Owner, leaves: Leaves): Branch {
  const pods = leaves.scene.fleet.pods.filter(({ ownerUid }) => ownerUid === uid);
  const ready = pods.filter((pod) => judgePod(pod, leaves.scene).mark === 'good').length;
  return { text: `${kind} ${name}: ${ready} of ${replicas} serve`, below: podBranches(pods, leaves) };
}

const podBranches = (pods: readonly FleetPod[], leaves: Leaves): Branch[] =>
  inOrder(pods).map((pod) => podBranch(pod, leaves));

function podBranch(pod: FleetPod, { scene, services }: Leaves): Branch {
  const { mark, words } = judgePod(pod, scene);
  const text = `pod ${pod.name}${pod.node === null ? '' : ` on ${pod.node}`}: ${words}`;
  return { text, mark, below: pod.brokerId === null ? [] : [idBranch(pod, pod.brokerId, services)] };
}

function idBranch({ generation, claim, pvc }: FleetPod, brokerId: number, services: readonly BrokerService[]): Branch {
  const how = claim ? ` (${claim.evidence})` : '';
  const names = services.filter((service) => service.brokerId === brokerId).map(({ name }) => `Service ${name}`);
  const place = [pvc === null ? undefined : `pvc ${pvc}`, claim?.logDir].filter((part) => part !== undefined);
  return {
    text: `broker ${brokerId}, generation ${generation ?? '?'}${how}`,
    below: [...(names.length > 0 ? names : ['no Service']), ...(place.length > 0 ? [place.join(', ')] : [])].map(
      (text) => ({ text, below: [] }),
    ),
  };
}
