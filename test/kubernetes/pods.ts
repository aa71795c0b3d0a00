/** The brokers' pods as the API shows them, and their processes as this machine does. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { Cluster } from './cluster/cluster.ts';
import { pidOf } from './cluster/containers.ts';
import { cgroupOf, type RunningNode } from './cluster/node.ts';

export interface BrokerPod {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  /** By its label; undefined before it has claimed. Of a StatefulSet's pod its ordinal. */
  readonly brokerId: number | undefined;
  readonly ready: boolean;
  readonly deleting: boolean;
  /** Of all its containers together. */
  readonly restarts: number;
  /** By name, without the runtime's prefix; of those that run. */
  readonly containers: ReadonlyMap<string, string>;
}

export async function brokerPods(cluster: Cluster): Promise<BrokerPod[]> {
  const words = ['pods', '-n', 'kafka', '-l', 'app.kubernetes.io/component=broker'];
  const list = await cluster.get<{ items: V1Pod[] }>(words);
  return (list?.items ?? []).map(viewOf);
}

function viewOf({ metadata, spec, status }: V1Pod): BrokerPod {
  const { name = '', uid = '', labels = {}, deletionTimestamp } = metadata ?? {};
  const { containerStatuses = [], initContainerStatuses = [], conditions = [] } = status ?? {};
  const statuses = [...containerStatuses, ...initContainerStatuses];
  const label = labels['barnabas.dev/broker-id'] ?? labels['apps.kubernetes.io/pod-index'];
  return {
    name,
    uid,
    node: spec?.nodeName ?? '',
    brokerId: label === undefined ? undefined : Number(label),
    ready: conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
    deleting: deletionTimestamp !== undefined,
    restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    containers: new Map(statuses.flatMap(runningContainer)),
  };
}

const runningContainer = ({ name, containerID, state }: V1ContainerStatus): [string, string][] =>
  containerID !== undefined && state?.running ? [[name, containerID.replace(/^.*:\/\//, '')]] : [];

/** The first process of a container: the broker, since every script on the way becomes the next. */
export async function processOf(cluster: Cluster, pod: BrokerPod, container: string): Promise<number> {
  const id = pod.containers.get(container);
  const pid = id === undefined ? Number.NaN : await pidOf(nodeOf(cluster, pod), id);
  if (!Number.isInteger(pid)) throw new Error(`container ${container} of ${pod.name} does not run`);
  return pid;
}

export function nodeOf(cluster: Cluster, pod: BrokerPod): RunningNode {
  const node = cluster.nodes.find(({ name }) => name === pod.node);
  if (!node) throw new Error(`${pod.name} is on no node of ours: ${pod.node}`);
  return node;
}

/** The broker among a process and its children. */
export function brokerBelow(main: number): number {
  const children = readFileSync(`/proc/${main}/task/${main}/children`, 'utf8').trim().split(' ').filter(Boolean);
  const isBroker = (pid: number): boolean =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('kafka.Kafka');
  return [main, ...children.map(Number)].find(isBroker) ?? main;
}

/** The process that keeps the namespaces of the pod: its end is the end of the sandbox. */
export function sandboxOf(process: number): number {
  const network = readlinkSync(`/proc/${process}/ns/net`);
  const found = readdirSync('/proc').find((name) => {
    try {
      const isPause = readFileSync(`/proc/${name}/comm`, 'utf8').trim() === 'pause';
      return isPause && readlinkSync(`/proc/${name}/ns/net`) === network;
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error(`no sandbox of process ${process}`);
  return Number(found);
}

/** Live JVMs that run a broker of an id, in any pod of any node of ours: two of them must never be. */
export function liveBrokers(): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      // The script that becomes the broker says so too, and so does each subshell of it.
      if (!words.includes('kafka.Kafka') || !/(^|\/)java$/.test(words[0] ?? '')) continue;
      // This machine may run brokers of somebody else's tests, too.
      if (!readFileSync(`/proc/${name}/cgroup`, 'utf8').includes(`/${cgroupOf('node')}`)) continue;
      const config = words.at(words.indexOf('kafka.Kafka') + 1) ?? '';
      const id = Number(/^broker\.id=(\d+)$/m.exec(readFileSync(`/proc/${name}/root${config}`, 'utf8'))?.[1]);
      found.set(id, [...(found.get(id) ?? []), Number(name)]);
    } catch {
      // Ended since the listing, or no process at all.
    }
  }
  return found;
}
