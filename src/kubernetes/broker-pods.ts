/** The brokers' pods of a namespace, for people's commands. */
import type { CoreV1Event, V1Pod, V1ReplicaSet, V1Service, V1StatefulSet } from '@kubernetes/client-node';
import type { BrokerService, EventView, Fleet } from '../domain/fleet/fleet.ts';
import { podBehind } from '../domain/fleet/pod-behind.ts';
import { BarnabasError } from '../errors.ts';
import type { BrokerPods } from '../ports-cluster.ts';
import { attempt } from './api.ts';
import { isOfBrokers, ownerOf, podOf, timeOf } from './fleet-views.ts';
import { demand, type Connected } from './person.ts';
import { forwardTo } from './port-forward.ts';
import { brokerIdLabel } from './services.ts';

export function kubernetesBrokerPods({ api, config, namespace }: Connected): BrokerPods {
  const { core, apps } = api;
  const inNamespace = `in namespace ${namespace}`;
  const list = async (): Promise<Fleet> => {
    const [pods, replicaSets, statefulSets] = await Promise.all([
      demand(`list the pods ${inNamespace}`, () => core.listNamespacedPod({ namespace })),
      demand(`list the ReplicaSets ${inNamespace}`, () => apps.listNamespacedReplicaSet({ namespace })),
      demand(`list the StatefulSets ${inNamespace}`, () => apps.listNamespacedStatefulSet({ namespace })),
    ]);
    const owners = [
      ...replicaSets.items.map((set) => ['ReplicaSet', set] as const),
      ...statefulSets.items.map((set) => ['StatefulSet', set] as const),
    ];
    return fleetOf(namespace, pods.items, owners);
  };
  return {
    list,

    async events() {
      const found = await demand(`list the events ${inNamespace}`, () =>
        core.listNamespacedEvent({ namespace, fieldSelector: 'involvedObject.kind=Pod' }),
      );
      return found.items.map(eventOf).sort((a, b) => (a.at ?? '').localeCompare(b.at ?? ''));
    },

    async services() {
      const found = await demand(`list the Services ${inNamespace}`, () => core.listNamespacedService({ namespace }));
      return found.items.flatMap(serviceOf);
    },

    async deletePod({ name, uid }) {
      const deleted = await attempt(() =>
        core.deleteNamespacedPod({ name, namespace, body: { preconditions: { uid } } }),
      );
      if (deleted.kind === 'done') return 'deleted';
      if (deleted.absent || deleted.conflict) return 'gone';
      throw new BarnabasError('kubernetes-failed', `cannot delete pod ${name} ${inNamespace}: ${deleted.why}`);
    },

    dial: ({ host, port, onConnect }) =>
      forwardTo({
        ...{ config, namespace, port, onConnect },
        async pod() {
          const pod = podBehind(host, (await list()).pods);
          if (!pod) throw new Error(`no pod is behind ${host}`);
          return pod.name;
        },
      }),
  };
}

type Set = V1ReplicaSet | V1StatefulSet;

/** A pod is one of ours by its id, by its agent, or by its owner's other pods. */
function fleetOf(namespace: string, pods: readonly V1Pod[], sets: readonly (readonly [OwnerKind, Set])[]): Fleet {
  const views = pods.map(podOf);
  const ours = views.filter((pod) => pod.brokerId !== null || isOfBrokers(pod.mould.spec));
  const owning = new Set(ours.map(({ ownerUid }) => ownerUid));
  const owners = sets
    .map(([kind, set]) => ownerOf(kind, set))
    // What a Deployment has rolled away has no replicas.
    .filter(({ uid, template, replicas }) => owning.has(uid) || (replicas > 0 && isOfBrokers(template.spec)));
  const uids = new Set(owners.map(({ uid }) => uid));
  const all = views.filter((pod) => ours.includes(pod) || (pod.ownerUid !== null && uids.has(pod.ownerUid)));
  return { namespace, owners, pods: all };
}

type OwnerKind = 'ReplicaSet' | 'StatefulSet';

function eventOf({ involvedObject, metadata, series, ...event }: CoreV1Event): EventView {
  const { lastTimestamp, eventTime, type = 'Normal', reason = '', message = '', count } = event;
  return {
    podUid: involvedObject.uid ?? '',
    at: timeOf(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp),
    type,
    reason,
    note: message,
    count: series?.count ?? count ?? 1,
  };
}

function serviceOf({ metadata, spec }: V1Service): BrokerService[] {
  const id = spec?.selector?.[brokerIdLabel];
  return id === undefined ? [] : [{ name: metadata?.name ?? '', brokerId: Number(id) }];
}
