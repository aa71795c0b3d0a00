/**
 * A real Kubernetes on this machine: etcd, API server, controllers, scheduler, kube-proxy and DNS as plain processes,
 * and one node or more (see node.ts). As root; everything it makes is below one directory and goes with `stop`.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from '../../../demo/cluster/wait.ts';
import { makeCertificates } from './certificates.ts';
import { daemonsIn, type Daemon, type Daemons } from './daemons.ts';
import { endContainers } from './containers.ts';
import { rememberMachine } from './machine.ts';
import { podGateway, removeTraces, startNode, type NodePlan, type RunningNode } from './node.ts';

const run = promisify(execFile);
const apiPort = 36443;
const etcdPort = 36379;
const startMs = 120_000;

export interface Cluster {
  /** Goes with the cluster. */
  readonly directory: string;
  readonly kubeconfig: string;
  readonly nodes: readonly RunningNode[];
  /** Throws with what kubectl said. */
  kubectl(words: readonly string[], input?: string): Promise<string>;
  /** `kubectl get … -o json`, parsed; undefined if there is none. */
  get<T>(words: readonly string[]): Promise<T | undefined>;
  /** A second kubelet on this machine. */
  addNode(name: string): Promise<RunningNode>;
  stopApi(): Promise<void>;
  startApi(): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly binaries: string;
  /** Archives of images, for every node. */
  readonly images: readonly string[];
  /** Of a Kubernetes node that is not heard of: until it is taken for lost, and again until its pods are evicted. */
  readonly patienceS?: number;
}

export async function startCluster({ binaries, images, patienceS = 300 }: ClusterOptions): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'kubernetes-'));
  const daemons = daemonsIn(directory, binaries);
  const planned: NodePlan[] = [];
  const nodes: RunningNode[] = [];
  const machine = rememberMachine();
  const address = firstAddress();
  const kubeconfig = join(directory, 'kubeconfig');
  const kubectl = async (words: readonly string[], input?: string): Promise<string> => {
    const running = run('kubectl', ['--kubeconfig', kubeconfig, ...words], { maxBuffer: 1 << 26, timeout: 120_000 });
    if (input !== undefined) running.child.stdin?.end(input);
    return (await running).stdout;
  };
  const addNode = async (name: string): Promise<RunningNode> => {
    const plan = { name, index: planned.length, address };
    planned.push(plan);
    const node = await startNode(daemons, plan, images);
    nodes.push(node);
    await isReady(kubectl, node.name);
    return node;
  };
  let api: Daemon | undefined;
  const interrupted = (): void => void stop().finally(() => process.exit(143));
  const stop = async (): Promise<void> => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, interrupted);
    for (const node of nodes) await node.kubelet.stop();
    for (const node of nodes) await endContainers(node);
    await daemons.stopAll();
    unmountBelow(directory);
    planned.forEach(removeTraces);
    machine.restore();
    rmSync(directory, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupted);
  try {
    makeCertificates(directory, { address, port: apiPort, serviceAddress: '10.96.0.1' });
    startEtcd(daemons);
    api = startApiServer(daemons, address, patienceS);
    await apiAnswers(kubectl, daemons);
    startControllers(daemons, patienceS);
    await addNode('node1');
    startNetwork(daemons);
    await waitFor(async () => (await kubectl(['get', 'serviceaccount', 'default'])) || undefined, {
      for: 'the default service account',
      deadlineMs: startMs,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    directory,
    kubeconfig,
    nodes,
    kubectl,
    addNode,
    async get<T>(words: readonly string[]) {
      const text = await kubectl(['get', '--ignore-not-found', '-o', 'json', ...words]);
      return text.trim() === '' ? undefined : (JSON.parse(text) as T);
    },
    stopApi: async () => await api?.stop(),
    async startApi() {
      api = startApiServer(daemons, address, patienceS);
      await apiAnswers(kubectl, daemons);
    },
    stop,
  };
}

function startEtcd(daemons: Daemons): void {
  const client = `http://127.0.0.1:${etcdPort}`;
  const peer = `http://127.0.0.1:${etcdPort + 1}`;
  daemons.start('etcd', [
    ...['etcd', '--data-dir', join(daemons.directory, 'etcd'), '--unsafe-no-fsync', '--log-level', 'warn'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
  ]);
}

function startApiServer(daemons: Daemons, address: string, patienceS: number): Daemon {
  const pki = (name: string): string => join(daemons.directory, 'pki', name);
  return daemons.start('apiserver', [
    ...[join(daemons.binaries, 'kube-apiserver'), `--etcd-servers=http://127.0.0.1:${etcdPort}`],
    ...[`--secure-port=${apiPort}`, `--advertise-address=${address}`, '--bind-address=0.0.0.0'],
    ...[`--tls-cert-file=${pki('apiserver.crt')}`, `--tls-private-key-file=${pki('apiserver.key')}`],
    ...[`--client-ca-file=${pki('ca.crt')}`, '--kubelet-preferred-address-types=InternalIP'],
    ...[`--kubelet-client-certificate=${pki('admin.crt')}`, `--kubelet-client-key=${pki('admin.key')}`],
    ...[`--service-account-key-file=${pki('sa.pub')}`, `--service-account-signing-key-file=${pki('sa.key')}`],
    ...['--service-account-issuer=https://kubernetes.default.svc', '--authorization-mode=Node,RBAC'],
    ...['--service-cluster-ip-range=10.96.0.0/16', '--allow-privileged=true', '--endpoint-reconciler-type=lease'],
    ...['not-ready', 'unreachable'].map((taint) => `--default-${taint}-toleration-seconds=${patienceS}`),
  ]);
}

function startControllers(daemons: Daemons, patienceS: number): void {
  const { directory, binaries } = daemons;
  const common = [`--kubeconfig=${join(directory, 'kubeconfig')}`, '--leader-elect=false'];
  daemons.start('controller-manager', [
    ...[join(binaries, 'kube-controller-manager'), ...common, '--secure-port=36257'],
    ...[`--service-account-private-key-file=${join(directory, 'pki/sa.key')}`],
    ...[`--root-ca-file=${join(directory, 'pki/ca.crt')}`, '--use-service-account-credentials=true'],
    `--node-monitor-grace-period=${Math.min(patienceS, 50)}s`,
  ]);
  daemons.start('scheduler', [join(binaries, 'kube-scheduler'), ...common, '--secure-port=36259']);
}

function startNetwork(daemons: Daemons): void {
  const { directory, binaries } = daemons;
  const kubeconfig = join(directory, 'kubeconfig');
  const config = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig },
    mode: 'iptables',
    clusterCIDR: '10.244.0.0/16',
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    hostnameOverride: 'node1',
    healthzBindAddress: '127.0.0.1:36256',
    metricsBindAddress: '127.0.0.1:36255',
  };
  writeFileSync(join(directory, 'kube-proxy.json'), JSON.stringify(config));
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  daemons.start('kube-proxy', [join(binaries, 'kube-proxy'), '--config', join(directory, 'kube-proxy.json')]);
  const zone = `kubernetes cluster.local in-addr.arpa {\n  kubeconfig ${kubeconfig} test\n }`;
  const corefile = `.:53 {\n bind ${podGateway({ index: 0 })}\n ${zone}\n cache 30\n}\n`;
  writeFileSync(join(directory, 'Corefile'), corefile);
  daemons.start('coredns', [join(binaries, 'coredns'), '-conf', join(directory, 'Corefile')]);
}

type Kubectl = Cluster['kubectl'];

async function apiAnswers(kubectl: Kubectl, daemons: Daemons): Promise<void> {
  try {
    await waitFor(async () => (await kubectl(['get', '--raw', '/readyz']).catch(() => '')) === 'ok' || undefined, {
      for: 'the API server',
      deadlineMs: startMs,
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${daemons.logOf('apiserver')}`, { cause: error });
  }
}

async function isReady(kubectl: Kubectl, name: string): Promise<void> {
  const status = '-o=jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  await waitFor(async () => (await kubectl(['get', 'node', name, status]).catch(() => '')) === 'True' || undefined, {
    for: `Kubernetes node ${name} to be Ready`,
    deadlineMs: startMs,
  });
}

function firstAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

function unmountBelow(directory: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const paths = mounts.map((line) => line.split(' ')[1] ?? '').filter((path) => path.startsWith(`${directory}/`));
  for (const path of paths.sort().reverse()) execFileSync('umount', ['--lazy', path]);
}
