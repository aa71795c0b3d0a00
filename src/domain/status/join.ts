/** Volume, Kubernetes and Kafka joined by broker id: a line for each id, and for each pod besides its holder. */
import { inOrder, isLeaving, type FleetPod } from '../fleet/fleet.ts';
import type { BrokerView, Quorum } from '../kafka-view.ts';
import type { IdStatus } from '../protocol/describe.ts';
import { noReplicas, type ClusterCounts, type ReplicaCounts } from './replicas.ts';
import { seen, type BrokerAnswer, type KafkaSight, type LogDirSight, type Sight } from './sight.ts';

export interface Joined {
  /** Null for a pod that has none yet. */
  readonly id: number | null;
  /** What the volume says of the id. */
  readonly claim: IdStatus | undefined;
  readonly logDir: LogDirSight | undefined;
  /** The holder's; without a volume that of the newest claim. */
  readonly pod: FleetPod | undefined;
  /** Undefined where Kafka was not seen, and for pods besides the holder's. */
  readonly broker: BrokerSight | undefined;
  /** Another pod with the id of a line above. */
  readonly isBesides: boolean;
}

export interface BrokerSight {
  /** `unknown`: no broker of that id is registered. */
  readonly state: 'registered' | 'fenced' | 'unknown';
  readonly view: BrokerView | undefined;
  readonly isController: boolean;
  readonly counts: ReplicaCounts;
  readonly answer: BrokerAnswer | undefined;
  /** The one that its quorum knows: of the disk that it runs on, or ran on at last. */
  readonly directoryId: string | null;
}

/** By id; then the pods without one. */
export function join(sight: Sight, counts: ClusterCounts | undefined): Joined[] {
  const volume = seen(sight.volume);
  const pods = inOrder(seen(sight.kubernetes)?.fleet.pods ?? []);
  const kafka = seen(sight.kafka);
  const claims = new Map(volume?.ids.map((claim) => [claim.id, claim]));
  const ids = new Set([
    ...claims.keys(),
    ...pods.flatMap(({ brokerId }) => brokerId ?? []),
    ...(kafka?.view.known.map(({ id }) => id) ?? []),
    ...(counts?.byBroker.keys() ?? []),
  ]);
  const lines = [...ids]
    .sort((a, b) => a - b)
    .flatMap((id) => {
      const claim = claims.get(id);
      const own = pods.filter(({ brokerId }) => brokerId === id);
      const pod = podOf(claim, own);
      const logDir = volume?.logDirs.get(claim?.logDirs[0] ?? '');
      const broker = kafka && brokerOf(id, kafka, counts?.byBroker.get(id));
      const besides = own.filter((other) => other !== pod).map((other) => podLine(id, other));
      return [{ id, claim, logDir, pod, broker, isBesides: false }, ...besides];
    });
  return [...lines, ...pods.filter(({ brokerId }) => brokerId === null).map((pod) => podLine(null, pod))];
}

const podLine = (id: number | null, pod: FleetPod): Joined => ({
  ...{ id, claim: undefined, logDir: undefined, pod, broker: undefined, isBesides: id !== null },
});

/** The volume knows the holder by its UID. Nobody else's word is needed then. */
function podOf(claim: IdStatus | undefined, own: readonly FleetPod[]): FleetPod | undefined {
  if (claim?.holder && !claim.holder.ended) return own.find(({ uid }) => uid === claim.holder?.uid);
  const rank = (pod: FleetPod): number => (isLeaving(pod) ? 0 : 1e9) + (pod.generation ?? 0);
  return [...own].sort((a, b) => rank(b) - rank(a))[0];
}

function brokerOf(id: number, { view, quorum, brokers }: KafkaSight, counts: ReplicaCounts = noReplicas): BrokerSight {
  const known = view.known.find((broker) => broker.id === id);
  const isLive = view.brokers.includes(id);
  return {
    state: isLive ? 'registered' : known ? 'fenced' : 'unknown',
    view: known,
    isController: (quorum?.leader ?? view.controller) === id,
    counts,
    answer: brokers.get(id),
    directoryId: directoryOf(id, quorum),
  };
}

/** Of voters that were named in a configuration. */
const noDirectory = 'AAAAAAAAAAAAAAAAAAAAAA';

/** An id that has come on another disk is an observer twice for some minutes: who fetched last is alive. */
function directoryOf(id: number, quorum: Quorum | null): string | null {
  const replicas = [...(quorum?.observers ?? []), ...(quorum?.voters ?? [])].filter((each) => each.id === id);
  const [latest] = replicas.sort((a, b) => b.lastFetchMs - a.lastFetchMs);
  return latest?.directoryId === noDirectory ? null : (latest?.directoryId ?? null);
}
