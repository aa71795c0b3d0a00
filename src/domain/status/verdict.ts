/** What is to be said of each line of a status, in words; the first that applies is said. */
import { judgePod, type Scene, type Verdict } from '../fleet/verdict.ts';
import { isLeaving, type FleetPod } from '../fleet/fleet.ts';
import { judgePod as evidenceOf, type PodView } from '../pod-evidence.ts';
import type { Holder, IdStatus } from '../protocol/describe.ts';
import { disksOf, findNewDisk, type Disks } from './disk.ts';
import type { Joined } from './join.ts';

export interface Judged extends Verdict {
  /** Whether it alone keeps the whole from being healthy; of pods, the number that serve decides. */
  readonly isFault: boolean;
}

export interface Surroundings {
  /** Kubernetes, where it was seen. */
  readonly scene: Scene | undefined;
  /** Ids that partitions list, and that nobody has. */
  readonly gone: readonly Joined[];
  /** Brokers that serve nothing, where ids are gone. */
  readonly standIns: readonly Joined[];
  readonly disks: Disks;
  /** ISO 8601. */
  readonly now: string;
}

export function surroundingsOf(lines: readonly Joined[], scene: Scene | undefined, now: string): Surroundings {
  const gone = lines.filter(isGone);
  const idle = lines.filter(({ broker }) => broker?.state === 'registered' && broker.counts.replicas === 0);
  return { scene, gone, standIns: gone.length > 0 ? idle : [], disks: disksOf(lines), now };
}

/** No broker, no pod that may be one, no claim that has not ended; but partitions are assigned to it. */
function isGone({ broker, pod, claim }: Joined): boolean {
  if (!broker || broker.state === 'registered' || broker.counts.replicas === 0 || pod) return false;
  return !claim || claim.state === 'free' || claim.state === 'dead' || claim.state === 'unclaimed';
}

type Judge = (line: Joined, around: Surroundings) => Judged | undefined;

export function judge(line: Joined, around: Surroundings): Judged {
  for (const one of line.isBesides || line.id === null ? [judgePodAlone] : judges) {
    const judged = one(line, around);
    if (judged) return judged;
  }
  return good('nothing is known of it');
}

const good = (words: string): Judged => ({ mark: 'good', words, isFault: false });
const waits = (words: string, next?: string): Judged => ({
  ...{ mark: 'waits', words, isFault: false },
  ...(next !== undefined && { next }),
});
const bad = (words: string, next?: string): Judged => ({
  ...{ mark: 'bad', words, isFault: true },
  ...(next !== undefined && { next }),
});

const judgeRefused: Judge = ({ claim }) =>
  claim?.state === 'refused' ? bad(claim.verdict, '`barnabas claim --explain` says more') : undefined;

const judgeDisk: Judge = (line, { disks, now }) => {
  const found = findNewDisk(line, disks, now);
  return found && bad(`same id, new disk: ${found.words}`, found.next);
};

const judgeStandIn: Judge = (line, { gone, standIns }) => {
  if (!standIns.includes(line)) return undefined;
  const [lost, ...others] = gone;
  if (!lost) return undefined;
  if (others.length > 0 || standIns.length > 1) {
    return bad(
      `new id ${idOf(line)} stands without a replica, while ${listed(gone)} ${others.length > 0 ? 'are' : 'is'} gone`,
      replaceEach,
    );
  }
  const next =
    lost.claim && lost.claim.logDirs.length > 0
      ? `the data of ${idOf(lost)} are on the volume: a pod that claims that id brings them back`
      : `barnabas recover plan --replace ${idOf(lost)}=${idOf(line)}`;
  return bad(`new id ${idOf(line)} stands where ${idOf(lost)} was`, next);
};

const replaceEach = 'barnabas recover plan --replace OLD=NEW for each';
const idOf = ({ id }: Joined): string => String(id);
const listed = (lines: readonly Joined[]): string => lines.map(idOf).join(', ');

const judgeGone: Judge = (line, { gone, standIns }) => {
  const { claim, broker } = line;
  if (!gone.includes(line) || !broker) return undefined;
  const fenced = broker.state === 'fenced' ? ', still registered' : '';
  const count = plural(broker.counts.replicas, 'partition lists', 'partitions list');
  if (claim && claim.logDirs.length > 0) {
    return bad(`no broker: its data wait for a pod to claim them (${claim.verdict})${fenced}`, 'start one more pod');
  }
  const [standIn, ...others] = standIns;
  const next =
    standIn && others.length === 0
      ? `barnabas recover plan --replace ${idOf(line)}=${idOf(standIn)}`
      : 'bring its data back, or replace it: barnabas recover plan --replace OLD=NEW';
  return bad(`gone: ${count} it, and no broker has it${fenced}`, next);
};

/** The holder of a claim that has not ended. */
function holding({ claim }: Joined): Holding | undefined {
  const isOver = !claim?.holder || claim.holder.ended || claim.state === 'free';
  return isOver ? undefined : { ...claim.holder, id: claim.id, state: claim.state, words: claim.verdict };
}

interface Holding extends Holder {
  readonly id: number;
  readonly state: IdStatus['state'];
  readonly words: string;
}

const judgeDeadHolder: Judge = (line) => {
  const holder = holding(line);
  if (!holder) return undefined;
  const { pod, broker } = line;
  const said = pod && evidenceOf({ pod: { ...holder, name: holder.pod } }, viewOf(pod));
  const lingers = broker?.state === 'registered' ? ', still registered' : '';
  if (said?.kind === 'dead') return bad(`held by a dead pod: ${said.evidence}: ${said.detail}${lingers}`, takenOver);
  return holder.state === 'dead' ? bad(`held by a dead pod: ${holder.words}${lingers}`, takenOver) : undefined;
};

const judgeAbsentHolder: Judge = (line, { scene }) => {
  const holder = holding(line);
  if (!scene || !holder || line.pod || holder.state !== 'held' || line.broker?.state === 'registered') return undefined;
  if (holder.namespace !== '' && holder.namespace !== scene.fleet.namespace) return undefined;
  const words = `held by a pod that is gone: Kubernetes does not know ${holder.pod}, which proves no death`;
  return bad(words, `if you know that it is dead: barnabas release ${holder.id} --volume DIR`);
};

const takenOver = 'nothing: the next pod without an id takes it over; is there one?';

/** As a claimant sees it, of the pod as a whole. Source of the cast: Kubernetes, "Pod Lifecycle". */
const viewOf = (pod: FleetPod): PodView => ({
  uid: pod.uid,
  phase: pod.phase as PodView['phase'],
  deleting: isLeaving(pod),
  terminated: pod.containers.map(({ state }) => state.kind === 'ended'),
});

const judgePodAlone: Judge = ({ id, pod, isBesides }, { scene }) => {
  if (!pod || !scene) return undefined;
  const judged = judgePod(pod, scene);
  if (isBesides && judged.mark === 'good') return bad(`has id ${String(id)}, and is not its holder`);
  return { ...judged, isFault: false };
};

/** What Kubernetes finds wrong with the holder's pod. */
const judgeOwnPod: Judge = (line, around) => {
  const judged = judgePodAlone(line, around);
  return judged && judged.mark !== 'good' ? judged : undefined;
};

const judgeRegistration: Judge = ({ claim, pod, broker }) => {
  if (!broker) return undefined;
  if (broker.state === 'registered') {
    if (!claim || claim.logDirs.length === 0 || pod) return undefined;
    if (claim.state === 'unclaimed') return waits('serves without a claim: it was started outside Barnabas');
    if (claim.state !== 'free') return undefined;
    return bad(`registered, though nobody holds its id (${claim.verdict})`, 'does a broker run outside Barnabas?');
  }
  const isHeld = pod !== undefined || (claim !== undefined && /^(alive|held|claiming)$/.test(claim.state));
  if (!isHeld) return undefined;
  if (broker.state === 'fenced') return bad('fenced: its controller does not hear of it');
  return { ...waits('not in the cluster: its broker is starting, or can not reach it'), isFault: true };
};

const judgeReplicas: Judge = ({ broker, id }) => {
  if (broker?.state !== 'registered') return undefined;
  const { replicas, inSync, arriving, leads, preferred } = broker.counts;
  const behind = replicas - inSync - arriving;
  if (behind > 0)
    return waits(`catching up: ${behind} of its ${plural(replicas, 'replica is', 'replicas are')} not in sync`);
  if (arriving > 0) return waits(`${plural(arriving, 'replica is', 'replicas are')} on the way to it`);
  if (leads < preferred) {
    return waits(
      `leads ${leads} of the ${preferred} that it should`,
      `barnabas elect gives broker ${String(id)} its own back`,
    );
  }
  return undefined;
};

/** Nothing is wrong: the best word there is for it. */
const judgeRest: Judge = (line, around) => {
  const { claim, broker } = line;
  if (broker?.state === 'registered') return good('serves');
  const pod = judgePodAlone(line, around);
  if (pod) return pod;
  if (claim?.state === 'alive') return good(claim.verdict);
  if (claim) return waits(claim.verdict);
  return broker
    ? waits(broker.state === 'fenced' ? 'registered, and fenced; no replica' : 'not in the cluster')
    : undefined;
};

const judges: readonly Judge[] = [
  judgeRefused,
  judgeDeadHolder,
  judgeAbsentHolder,
  judgeDisk,
  judgeStandIn,
  judgeGone,
  judgeOwnPod,
  judgeRegistration,
  judgeReplicas,
  judgeRest,
];

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
