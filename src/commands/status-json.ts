/** A status for machines: what was joined, and below it each source as it was seen. */
import { inOrder, restartsOf, type FleetPod } from '../domain/fleet/fleet.ts';
import { judgePod, type Scene } from '../domain/fleet/verdict.ts';
import type { Line, Report } from '../domain/status/report.ts';
import { seen } from '../domain/status/sight.ts';
import { addressOf, holderOf, leftOut, sizeIn } from '../domain/status/words.ts';

export function statusJson(report: Report): unknown {
  const { sight, lines, faults } = report;
  const volume = seen(sight.volume);
  const scene = seen(sight.kubernetes);
  return {
    healthy: faults.length === 0,
    faults,
    leftOut: leftOut(sight),
    brokers: lines.map(lineJson),
    ...(volume && { volume: volume.root, uuid: volume.uuid, storage: volume.storage, ids: volume.ids }),
    ...(scene && {
      namespace: scene.fleet.namespace,
      pods: inOrder(scene.fleet.pods).map((pod) => podJson(pod, scene)),
    }),
    ...kafkaJson(report),
  };
}

function lineJson(line: Line) {
  const { id, claim, pod, broker, verdict } = line;
  return {
    brokerId: id,
    logDirs: claim?.logDirs ?? (pod?.claim ? [pod.claim.logDir] : []),
    ...{ size: sizeIn(line), holder: holderOf(line), lock: claim?.lock ?? null },
    broker: broker ? brokerJson(broker) : null,
    ...{ mark: verdict.mark, verdict: verdict.words, next: verdict.next ?? null },
  };
}

function brokerJson(broker: NonNullable<Line['broker']>) {
  const { state, isController, counts, answer, directoryId, view } = broker;
  return {
    ...{ address: addressOf(broker) ?? null, release: answer?.release ?? null, rack: view?.rack ?? null },
    ...{ state, isController, directoryId, ...counts },
  };
}

function podJson(pod: FleetPod, scene: Scene) {
  const { mark, words } = judgePod(pod, scene);
  const { brokerId, name, node, phase, ready, generation, claim, createdAt } = pod;
  return {
    ...{ brokerId, pod: name, node, phase, ready, restarts: restartsOf(pod), generation },
    ...{ evidence: claim?.evidence ?? null, createdAt, mark, verdict: words },
  };
}

function kafkaJson({ sight, counts }: Report) {
  const kafka = seen(sight.kafka);
  if (!kafka || !counts) return {};
  const { clusterId, controller, brokers } = kafka.view;
  const { partitions, leaderless, lacking, belowMinIsr } = counts;
  return {
    kafka: {
      ...{ clusterId, controller: kafka.quorum?.leader ?? controller, brokers, partitions },
      ...{ leaderless: leaderless.length, outOfSync: lacking.length, belowMinIsr: belowMinIsr.length },
    },
  };
}
