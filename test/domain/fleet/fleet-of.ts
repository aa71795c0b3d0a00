/** A fleet of brokers' pods for tests: three that serve, and whatever differs. */
import type { ContainerView, FleetPod, Owner } from '../../../src/domain/fleet/fleet.ts';
import type { Scene } from '../../../src/domain/fleet/verdict.ts';

export const now = '2026-11-25T12:00:00.000Z';
const minutesAgo = (minutes: number): string => new Date(Date.parse(now) - minutes * 60_000).toISOString();

export const running: ContainerView = {
  ...{ name: 'kafka', agent: false, restarts: 0, last: null },
  state: { kind: 'running', since: minutesAgo(5) },
};

export const podOf = (brokerId: number | null, differences: Partial<FleetPod> = {}): FleetPod => ({
  ...{ name: `kafka-${brokerId ?? 'x'}`, uid: `uid-${brokerId ?? 'x'}`, ip: `10.0.0.${brokerId ?? 9}`, node: 'node1' },
  ...{
    ownerUid: 'set',
    brokerId,
    generation: brokerId === null ? null : 1,
    phase: 'Running',
    ready: brokerId !== null,
  },
  claim:
    brokerId === null
      ? null
      : {
          ...{ brokerId, generation: 1, evidence: 'new', logDir: `kafka-logs-${brokerId}`, waitedMs: 0, node: 'node1' },
          decisions: `id ${brokerId} claimed: unused until now; generation 1`,
        },
  ...{ unscheduled: null, deletingUntil: null, createdAt: minutesAgo(10), pvc: 'kafka-data' },
  containers: [{ ...running, name: 'barnabas', agent: true }, running],
  mould: { labels: {}, annotations: {}, spec: {} },
  ...differences,
});

export const owner: Owner = {
  ...{ kind: 'ReplicaSet', name: 'kafka', uid: 'set', replicas: 3, deployment: null, templateAt: minutesAgo(60) },
  template: { labels: {}, annotations: {}, spec: {} },
};

export const sceneOf = (pods: readonly FleetPod[], differences: Partial<Scene> = {}): Scene => ({
  fleet: { namespace: 'kafka', owners: [owner], pods },
  waits: new Map(),
  now,
  ...differences,
});

export { minutesAgo };
