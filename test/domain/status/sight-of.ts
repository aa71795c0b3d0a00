/** Sights for tests: brokers that are well, and whatever differs. */
import type { FleetPod } from '../../../src/domain/fleet/fleet.ts';
import type { BrokerView, PartitionView } from '../../../src/domain/kafka-view.ts';
import type { IdStatus } from '../../../src/domain/protocol/describe.ts';
import { reportOf, type Line, type Report } from '../../../src/domain/status/report.ts';
import type { KafkaSight, LogDirSight, Seen, Sight } from '../../../src/domain/status/sight.ts';
import { minutesAgo, now, sceneOf } from '../fleet/fleet-of.ts';

/** As the pod of fleet-of claims it, 9 minutes ago. */
export const claimOf = (id: number, differences: Partial<IdStatus> = {}): IdStatus => ({
  ...{ id, logDirs: [`kafka-logs-${id}`], clusterId: 'c', directoryId: `disk-${id}`, lock: 'held' },
  ...{ state: 'alive', verdict: 'alive' },
  holder: {
    ...{ pod: `kafka-${id}`, namespace: 'kafka', uid: `uid-${id}`, node: 'node1', mode: 'wrapper', generation: 1 },
    ...{ ended: false, since: minutesAgo(9) },
  },
  ...differences,
});

export const partitionOf = (
  partition: number,
  replicas: readonly number[],
  isr: readonly number[] = replicas,
): PartitionView => ({
  ...{ topic: 'orders', partition, leader: isr[0] ?? -1, replicas, isr, minIsr: 1, topicId: null },
});

export const brokerOf = (id: number, differences: Partial<BrokerView> = {}): BrokerView => ({
  ...{ id, host: `host${id}`, port: 9092, rack: null, fenced: false },
  ...differences,
});

export interface KafkaGiven {
  readonly brokers: readonly number[];
  readonly partitions: readonly PartitionView[];
  readonly fenced?: readonly number[];
  readonly differences?: Partial<KafkaSight>;
}

export const kafkaOf = ({ brokers, partitions, fenced = [], differences = {} }: KafkaGiven): KafkaSight => ({
  view: {
    ...{ clusterId: 'c', brokers, controller: null, partitions },
    known: [...brokers.map((id) => brokerOf(id)), ...fenced.map((id) => brokerOf(id, { fenced: true }))],
  },
  ...{ moves: [], quorum: null },
  brokers: new Map(brokers.map((id) => [id, { release: '3.9', bytes: 2000 }])),
  ...differences,
});

export interface Given {
  readonly pods?: readonly FleetPod[];
  readonly claims?: readonly IdStatus[];
  readonly logDirs?: Readonly<Record<string, LogDirSight>>;
  readonly kafka?: KafkaSight;
}

const orUnseen = <T>(value: T | undefined): Seen<T> =>
  value === undefined ? { kind: 'unseen', why: null, wanted: false } : { kind: 'seen', value };

/** What is not given was not seen. */
export const sightOf = ({ pods, claims, logDirs = {}, kafka }: Given): Sight => ({
  volume: orUnseen(
    claims && {
      ...{ root: '/data', uuid: 'u', ids: claims, logDirs: new Map(Object.entries(logDirs)) },
      storage: { type: 'ext4', coherence: 'machine', why: 'ext4 on this machine' } as never,
    },
  ),
  kubernetes: orUnseen(pods && sceneOf(pods)),
  kafka: orUnseen(kafka),
  now,
});

export const reportOn = (given: Given): Report => reportOf(sightOf(given));
export const linesOf = (given: Given): readonly Line[] => reportOn(given).lines;
