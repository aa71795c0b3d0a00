/** Parts of a status in words. */
import type { FleetPod } from '../fleet/fleet.ts';
import type { Joined, BrokerSight } from './join.ts';
import type { Report } from './report.ts';
import type { Sight } from './sight.ts';
import { sizeOf } from './size.ts';

/** What brokers tell is preferred: the walk over a volume may have been cut short. */
export function sizeIn({ broker, logDir }: Joined): Size | null {
  const told = broker?.answer?.bytes ?? null;
  if (told !== null) return { bytes: told, whole: true, from: 'kafka' };
  if (!logDir || logDir.bytes === null) return null;
  return { bytes: logDir.bytes, whole: logDir.whole, from: 'volume' };
}

export interface Size {
  readonly bytes: number;
  /** False: at least so many. */
  readonly whole: boolean;
  /** `kafka`: of the messages, as the broker tells; `volume`: of all files, as counted there. */
  readonly from: 'kafka' | 'volume';
}

/** Such as `kafka-logs-2 (1.4 GB)`; undefined where nobody knows of one. */
export function describeLogDir(line: Joined): string | undefined {
  const { claim, pod } = line;
  const names = claim ? claim.logDirs : pod?.claim ? [pod.claim.logDir] : [];
  if (names.length === 0) return undefined;
  const size = sizeIn(line);
  return size ? `${names.join(' ')} (${size.whole ? '' : '≥ '}${sizeOf(size.bytes)})` : names.join(' ');
}

export interface HolderWords {
  readonly pod: string | null;
  readonly node: string | null;
  readonly generation: number | null;
  /** ISO 8601: of the claim; without a volume, of the pod. */
  readonly since: string | null;
}

export function holderOf({ claim, pod }: Joined): HolderWords {
  const holder = claim?.holder;
  if (!holder) return pod ? holderByPod(pod) : { pod: null, node: null, generation: null, since: null };
  const { generation, since } = holder;
  return { pod: holder.pod, node: pod?.node ?? holder.node, generation, since };
}

const holderByPod = ({ name, node, generation, createdAt }: FleetPod): HolderWords => ({
  ...{ pod: name, node, generation, since: createdAt },
});

export const addressOf = ({ view }: BrokerSight): string | undefined => view && `${view.host}:${view.port}`;

/** Such as `broker at 10.0.0.7:9092, Kafka 3.9, registered: leads 20 of its 20, 60 of 60 replicas in sync`. */
export function describeBroker(broker: BrokerSight): string {
  const address = addressOf(broker);
  const { leads, preferred, inSync, replicas } = broker.counts;
  const release = broker.answer?.release ?? null;
  const what = [
    address === undefined ? 'no broker' : `broker at ${address}`,
    ...(release === null ? [] : [`Kafka ${release}`]),
    ...(broker.state === 'unknown' ? [] : [broker.state]),
    ...(broker.isController ? ['controller'] : []),
  ];
  return `${what.join(', ')}: leads ${leads} of its ${preferred}, ${inSync} of ${replicas} replicas in sync`;
}

/** Where it all comes from, and what was left out. */
export function describeSources({ sight, counts, lines }: Report): string[] {
  const { volume, kubernetes, kafka } = sight;
  const said: string[] = [];
  if (volume.kind === 'seen') {
    const { root, storage, uuid } = volume.value;
    said.push(`volume ${root}: ${storage.why}${uuid === null ? '' : `, uuid ${uuid}`}`);
  }
  if (kubernetes.kind === 'seen') said.push(`Kubernetes: namespace ${kubernetes.value.fleet.namespace}`);
  if (kafka.kind === 'seen') {
    const { clusterId, brokers } = kafka.value.view;
    const told = lines.some((line) => sizeIn(line)?.from === 'kafka') ? '; sizes are of messages, as brokers tell' : '';
    said.push(
      `Kafka: cluster ${clusterId ?? '?'}, ${brokers.length} brokers, ${counts?.partitions ?? 0} partitions${told}`,
    );
  }
  return [...said, ...leftOut(sight).map(({ source, why }) => `${source} is left out: ${why}`)];
}

export function leftOut({ volume, kubernetes, kafka }: Sight): { readonly source: string; readonly why: string }[] {
  return Object.entries({ volume, Kubernetes: kubernetes, Kafka: kafka }).flatMap(([source, look]) =>
    look.kind === 'unseen' && !look.wanted && look.why !== null ? [{ source, why: look.why }] : [],
  );
}
