/** One Kubernetes node: containerd and a kubelet with a bridge of their own, as processes of this machine. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadImages } from './containers.ts';
import type { Daemon, Daemons } from './daemons.ts';
import { cgroupHierarchies, removeCgroup } from './machine.ts';

export interface NodePlan {
  readonly name: string;
  /** 0, 1, …: sets its ports and its pods' network. */
  readonly index: number;
  readonly address: string;
}

export interface RunningNode extends NodePlan {
  readonly containerd: Daemon;
  readonly kubelet: Daemon;
  /** For `ctr --address`. */
  readonly socket: string;
}

export const podGateway = ({ index }: Pick<NodePlan, 'index'>): string => `10.244.${index}.1`;
const bridgeOf = ({ index }: Pick<NodePlan, 'index'>): string => `barnabas${index}`;

/** The kubelet comes last: one that finds no containerd gives up. */
export async function startNode(daemons: Daemons, plan: NodePlan, images: readonly string[]): Promise<RunningNode> {
  const { name } = plan;
  const home = join(daemons.directory, name);
  for (const folder of ['containerd', 'cni', 'kubelet', 'plugins']) mkdirSync(join(home, folder), { recursive: true });
  makeBridge(plan);
  const socket = join(home, 'containerd.sock');
  const config = join(home, 'containerd.toml');
  writeFileSync(config, containerdConfig(home, socket));
  writeFileSync(join(home, 'cni/10-bridge.conflist'), JSON.stringify(networkOf(plan, home)));
  const containerd = daemons.start(`${name}-containerd`, ['containerd', '--config', config]);
  await loadImages({ socket }, images);
  return { ...plan, containerd, kubelet: startKubelet(daemons, plan, { home, socket }), socket };
}

/** Made beforehand, so that DNS can listen on it from the start. */
function makeBridge(plan: NodePlan): void {
  const bridge = bridgeOf(plan);
  if (existsSync(`/sys/class/net/${bridge}`)) return;
  execFileSync('ip', ['link', 'add', bridge, 'type', 'bridge']);
  execFileSync('ip', ['address', 'add', `${podGateway(plan)}/24`, 'dev', bridge]);
  execFileSync('ip', ['link', 'set', bridge, 'up']);
}

/** Where the machine runs with little rights itself, a container's oom score can't be lowered, nor AppArmor asked. */
const containerdConfig = (home: string, socket: string): string => `version = 2
root = "${home}/containerd/root"
state = "${home}/containerd/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/barnabas-pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${home}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "${runcPath()}"
        SystemdCgroup = false
`;

const runcPath = (): string => ['/usr/sbin/runc', '/usr/bin/runc'].find((path) => existsSync(path)) ?? 'runc';

const networkOf = (plan: NodePlan, home: string) => ({
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: bridgeOf(plan),
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: `10.244.${plan.index}.0/24` }]],
        routes: [{ dst: '0.0.0.0/0' }],
        dataDir: join(home, 'addresses'),
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});

interface Home {
  readonly home: string;
  readonly socket: string;
}

function startKubelet(daemons: Daemons, plan: NodePlan, { home, socket }: Home): Daemon {
  const { name, index, address } = plan;
  const config = join(home, 'kubelet.json');
  writeFileSync(join(home, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  writeFileSync(
    config,
    JSON.stringify({
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: join(daemons.directory, 'pki/ca.crt') },
      },
      authorization: { mode: 'Webhook' },
      cgroupDriver: 'cgroupfs',
      cgroupRoot: cgroupRoot(name),
      enforceNodeAllocatable: [],
      failSwapOn: false,
      failCgroupV1: false,
      oomScoreAdj: 0,
      featureGates: { KubeletInUserNamespace: true },
      containerRuntimeEndpoint: `unix://${socket}`,
      evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
      imageGCHighThresholdPercent: 100,
      volumePluginDir: join(home, 'plugins'),
      resolvConf: join(home, 'resolv.conf'),
      clusterDomain: 'cluster.local',
      // Of the first node, for all: they are one machine.
      clusterDNS: [podGateway({ index: 0 })],
      port: 36250 + index,
      healthzPort: 36240 + index,
      registerNode: true,
    }),
  );
  const words = ['--config', config, '--root-dir', join(home, 'kubelet'), '--hostname-override', name];
  return daemons.start(`${name}-kubelet`, [
    join(daemons.binaries, 'kubelet'),
    ...words,
    ...['--kubeconfig', join(daemons.directory, 'kubeconfig'), '--node-ip', address],
  ]);
}

/** Of the control group of a node's pods. */
export const cgroupOf = (name: string): string => `barnabas-${name}`;

/** One for each kubelet: two in one would end each other's pods. */
function cgroupRoot(name: string): string {
  for (const hierarchy of cgroupHierarchies()) {
    const group = join(hierarchy, cgroupOf(name));
    mkdirSync(group, { recursive: true });
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      // Of version 1, where a group begins with none.
      if (hierarchy.endsWith('/cpuset')) writeFileSync(join(group, file), readFileSync(join(hierarchy, file), 'utf8'));
    }
  }
  return `/${cgroupOf(name)}`;
}

/** What a node made outside its directory. */
export function removeTraces(plan: Pick<NodePlan, 'index' | 'name'>): void {
  const bridge = bridgeOf(plan);
  if (existsSync(`/sys/class/net/${bridge}`)) execFileSync('ip', ['link', 'delete', bridge]);
  removeCgroup(cgroupOf(plan.name));
}
