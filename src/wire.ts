/** Settings to real ports: with `guard.ts`, the only place that imports implementations. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BarnabasError } from './errors.ts';
import type { PeerFindings } from './domain/doctor/findings.ts';
import { parseAddresses, type BrokerAddress } from './domain/broker-address.ts';
import type { FleetPod } from './domain/fleet/fleet.ts';
import type { Pod } from './domain/record.ts';
import type { EvidenceSource, Processes, StartQueue, World } from './ports.ts';
import type { Kubernetes } from './ports-cluster.ts';
import { systemClock } from './process/clock.ts';
import { startElectorThread } from './process/elector-thread.ts';
import { localFiles } from './process/files.ts';
import { createLog } from './process/log.ts';
import { firstAddress, readMachine, readMountOptions, readStorage } from './process/machine.ts';
import { standardOutput } from './process/output.ts';
import { terminalProgress } from './process/progress.ts';
import { systemRandomness } from './process/randomness.ts';
import { hearSignals } from './process/signals.ts';
import { writeLine } from './process/write.ts';
import type { KubernetesApi } from './kubernetes/api.ts';
import type { Meeting } from './volume/doctor/peer.ts';

export interface Wiring {
  readonly logFormat: 'text' | 'json';
  /** The program's own file, for a process of its own. */
  readonly program: string;
  /** The directory of the threads' files. */
  readonly scripts: string;
}

/** The real world, and how to let go of it. */
export function wire({ logFormat, program, scripts }: Wiring): {
  readonly world: World;
  readonly close: () => void;
} {
  const progress = terminalProgress({ logFormat });
  const log = createLog({
    format: logFormat,
    write(line) {
      progress.clear();
      writeLine(2, line);
    },
    now: () => systemClock.wallTime(),
  });
  const stopped = new AbortController();
  const { processes, close } = wireProcesses((signal) => stopped.abort(signal));
  const world: World = {
    environment: process.env,
    machine: () => ({ ...readMachine(), address: firstAddress() }),
    clock: systemClock,
    randomness: systemRandomness,
    log,
    output: standardOutput,
    progress,
    ask: async (question) => (await import('./process/ask.ts')).askPerson(question, stopped.signal),
    files: localFiles,
    processes,
    signal: stopped.signal,
    openVolume,
    kubernetes: (pod, nodeName) => (inKubernetes() ? openKubernetes(pod, nodeName) : undefined),
    async openRegistry(connect) {
      const { openZooKeeperRegistry } = await import('./kafka/zookeeper.ts');
      return openZooKeeperRegistry({ connect, log });
    },
    async brokerPods(target) {
      const { kubernetesBrokerPods } = await import('./kubernetes/broker-pods.ts');
      return kubernetesBrokerPods(await import('./kubernetes/person.ts').then(({ connectAs }) => connectAs(target)));
    },
    async openKafka(route) {
      const [{ openKafkaAdmin }, { readAccess }] = await Promise.all([
        import('./kafka/kafka-admin.ts'),
        import('./kafka/access.ts'),
      ]);
      const { zookeeper } = route;
      const access = await readAccess(route.access);
      if ('bootstrap' in route) {
        const addresses = parseAddresses(route.bootstrap);
        return openKafkaAdmin({
          reach: { bootstrap: () => Promise.resolve(addresses) },
          zookeeper: route.zookeeper,
          log,
        });
      }
      const { through } = route;
      const bootstrap = async (): Promise<BrokerAddress[]> => serving((await through.list()).pods);
      return openKafkaAdmin({ reach: { ...access, bootstrap, dial: through.dial }, zookeeper, log });
    },
    openJournal: async ({ where, use, target }) => {
      const [, map] = /^configmap\/(.+)$/.exec(where) ?? [];
      if (map === undefined) return (await import('./volume/file-journal.ts')).openFileJournal(where, use);
      return (await import('./kubernetes/journal.ts')).openConfigMapJournal(map, target);
    },
    loadDigest: async () => (await import('./process/digest.ts')).sha256,
    async startGuard(order) {
      const { startGuardThread } = await import('./process/guard-thread.ts');
      return await startGuardThread(join(scripts, 'guard.js'), order, log);
    },
    startElector: (order) => startElectorThread(join(scripts, 'elector.js'), order, log),
    async openGate(directory) {
      if (!localFiles.isWritableDirectory(directory)) {
        const hint = "mount the same emptyDir there in this container and in the broker's";
        throw new BarnabasError('settings-invalid', `--gate: ${directory} is no writable directory; ${hint}`);
      }
      if (process.pid === 1) {
        const hint = 'set shareProcessNamespace: true in the pod, or its guard could neither see nor end the broker';
        throw new BarnabasError('settings-invalid', `keep is process 1 of a PID namespace of its own: ${hint}`);
      }
      return (await import('./process/gate.ts')).openGate(directory);
    },
    serveProbes: async (port, state) => await (await import('./process/probes.ts')).serveProbes(port, state),
    accepts: async (port, timeoutMs) => await (await import('./process/probes.ts')).accepts(port, timeoutMs),
    measureLogDirs: async (order) => await (await import('./volume/measure.ts')).measureLogDirs(order),
    async examine(root, peerWaitMs) {
      const { examine } = await import('./volume/doctor/examine.ts');
      const { signal } = stopped;
      const nonce = systemRandomness.uuid();
      const holder = [process.execPath, program, 'hold-lock'];
      const experiments = await examine({ root, nonce, holder, signal });
      const alone = peerWaitMs === undefined || !experiments.writable.known;
      const peer = alone ? undefined : await meetPeer({ root, nonce, waitMs: peerWaitMs, signal });
      return { ...experiments, mountOptions: readMountOptions(root), peer };
    },
  };
  return { world, close };
}

/** The doctor's second process. */
export async function holdLock(path: string): Promise<number> {
  const { holdLock: hold } = await import('./volume/doctor/hold-lock.ts');
  return await hold(path);
}

async function meetPeer(meeting: Omit<Meeting, 'place'>): Promise<PeerFindings | undefined> {
  const { meet, MeetingFailed, meetingPlace } = await import('./volume/doctor/peer.ts');
  const { hostname: host, bootId } = readMachine();
  try {
    const met = await meet({ ...meeting, place: { host, bootId } });
    return met.kind === 'met' ? met.findings : undefined;
  } catch (error) {
    if (!(error instanceof MeetingFailed)) throw error;
    const hint = `if no doctor is running, remove ${meetingPlace(meeting.root)} and start both again`;
    throw new BarnabasError('wait-deadline', `the meeting with another doctor failed: ${error.message}; ${hint}`);
  }
}

async function openVolume(root: string) {
  if (!isDirectory(root)) {
    const hint = 'is the volume mounted, and --volume right?';
    throw new BarnabasError('volume-missing', `cannot use the volume ${root}: there is no such directory; ${hint}`);
  }
  const { openVolume: openFileVolume } = await import('./volume/file-volume.ts');
  const evidence = inKubernetes() ? kubernetesEvidence : noEvidence;
  return { volume: openFileVolume(root), storage: readStorage(root), queue: lazyQueue(root), evidence };
}

/** Only a crowd needs it. */
function lazyQueue(root: string): StartQueue {
  let opened: StartQueue | undefined;
  return {
    async enter(timeoutMs) {
      opened ??= (await import('./volume/start-queue.ts')).openStartQueue(root);
      await opened.enter(timeoutMs);
    },
    async leave() {
      await opened?.leave();
    },
  };
}

/** Names by which a pod is found again, whatever its brokers are known by. */
const serving = (pods: readonly FleetPod[]): BrokerAddress[] =>
  pods.flatMap(({ brokerId, ready }) =>
    ready && brokerId !== null ? [{ host: `broker-${brokerId}`, port: kafkaPort }] : [],
  );
const kafkaPort = 9092;

const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const inKubernetes = (): boolean => process.env['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(tokenFile);

let api: Promise<KubernetesApi> | undefined;
const kubernetesApi = (): Promise<KubernetesApi> =>
  (api ??= import('./kubernetes/api.ts').then(({ connect }) => connect()));

const kubernetesEvidence: EvidenceSource = {
  async ask(record) {
    const { kubernetesEvidence: source } = await import('./kubernetes/evidence.ts');
    return await source(kubernetesApi, process.env['POD_NAMESPACE'] ?? 'default').ask(record);
  },
};

/** The client is loaded at the first question. */
function openKubernetes(pod: Pod, nodeName: string | undefined): Kubernetes {
  const surroundings = { pod, nodeName, wallTime: () => systemClock.wallTime() };
  const cluster = async (): Promise<Kubernetes> =>
    (await import('./kubernetes/cluster.ts')).kubernetesCluster(kubernetesApi, surroundings);
  return {
    readReplicas: async () => await (await cluster()).readReplicas(),
    readPinnedUuid: async (map) => await (await cluster()).readPinnedUuid(map),
    pinUuid: async (map, uuid) => await (await cluster()).pinUuid(map, uuid),
    labelPod: async (story) => await (await cluster()).labelPod(story),
    ensureService: async (prefix, brokerId) => await (await cluster()).ensureService(prefix, brokerId),
    ensureExternalService: async (prefix, brokerId, kind) =>
      await (await cluster()).ensureExternalService(prefix, brokerId, kind),
    readNodeAddresses: async () => await (await cluster()).readNodeAddresses(),
    tell: async (event) => await (await cluster()).tell(event),
  };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Outside Kubernetes nobody but the volume and this machine can tell. */
const noEvidence: EvidenceSource = {
  ask: () => Promise.resolve({ kind: 'unknown', why: 'nobody outside the volume was asked' }),
};

/** Signals go to the latest who hears them; before anybody does, they stop the program. */
function wireProcesses(stop: (signal: NodeJS.Signals) => void): { processes: Processes; close: () => void } {
  const listeners = [stop];
  const close = hearSignals((signal) => listeners.at(-1)?.(signal));
  const processes: Processes = {
    start: async (command, lock) => (await import('./process/child.ts')).startChild(command, lock),
    hear(listener) {
      listeners.push(listener);
      return () => void listeners.splice(listeners.indexOf(listener), 1);
    },
  };
  return { processes, close };
}
