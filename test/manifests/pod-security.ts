/**
 * Pod Security "restricted" (Source: Kubernetes, "Pod Security Standards"), baseline included: what the admission of a
 * namespace that enforces it would say of a pod, one line for each fault.
 */
import type { V1Container, V1PodSecurityContext, V1PodSpec, V1SecurityContext } from '@kubernetes/client-node';
import { containersOf, type PodTemplate } from './workloads.ts';

const volumeKinds = new Set([
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image'],
  ...['persistentVolumeClaim', 'projected', 'secret'],
]);
const safeSysctls = new Set([
  ...['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_local_reserved_ports'],
  ...['net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start'],
  ...['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl'],
  ...['net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'],
]);
const selinuxTypes = [undefined, '', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];
const confined = ['RuntimeDefault', 'Localhost'];

export function faultsOf(template: PodTemplate): string[] {
  const { spec } = template;
  return [
    ...podFaults(spec),
    ...appArmorAnnotations(template),
    ...contextFaults(spec.securityContext).map((fault) => `pod: ${fault}`),
    ...containersOf(spec).flatMap((container) =>
      [...containerFaults(container, spec.securityContext), ...contextFaults(container.securityContext)].map(
        (fault) => `container ${container.name}: ${fault}`,
      ),
    ),
  ];
}

function podFaults({ hostNetwork, hostPID, hostIPC, volumes = [], securityContext }: V1PodSpec): string[] {
  const namespaces = Object.entries({ hostNetwork, hostPID, hostIPC }).filter(([, shared]) => shared === true);
  const kinds = volumes.map(({ name, ...source }) => [name, Object.keys(source)[0] ?? ''] as const);
  const sysctls = (securityContext?.sysctls ?? []).map(({ name }) => name);
  return [
    ...namespaces.map(([field]) => field),
    ...kinds.filter(([, kind]) => !volumeKinds.has(kind)).map(([name, kind]) => `volume ${name} is a ${kind}`),
    ...sysctls.filter((name) => !safeSysctls.has(name)).map((name) => `sysctl ${name}`),
  ];
}

const appArmorAnnotations = ({ metadata }: PodTemplate): string[] =>
  Object.entries(metadata?.annotations ?? {})
    .filter(([key, value]) => /apparmor/.test(key) && !/^(runtime\/default|localhost\/.*)?$/.test(value))
    .map(([key]) => `annotation ${key}`);

/** Of a container with what it inherits from its pod. */
function containerFaults(container: V1Container, pod: V1PodSecurityContext | undefined): string[] {
  const own = container.securityContext ?? {};
  const seccomp = (own.seccompProfile ?? pod?.seccompProfile)?.type ?? 'none';
  const added = (own.capabilities?.add ?? []).filter((name) => name !== 'NET_BIND_SERVICE');
  return [
    ...said(own.allowPrivilegeEscalation !== false, 'allowPrivilegeEscalation is not false'),
    ...said(!own.capabilities?.drop?.includes('ALL'), 'does not drop ALL'),
    ...added.map((name) => `adds ${name}`),
    ...said((own.runAsNonRoot ?? pod?.runAsNonRoot) !== true, 'runAsNonRoot is not true'),
    ...said(!confined.includes(seccomp), `seccompProfile is ${seccomp}`),
    ...said(own.privileged === true, 'privileged'),
    ...said((own.procMount ?? 'Default') !== 'Default', 'procMount'),
    ...(container.ports ?? []).filter(({ hostPort }) => (hostPort ?? 0) !== 0).map(() => 'hostPort'),
    ...handlersOf(container).flatMap((handler) => said((handler.host ?? '') !== '', 'a handler names a host')),
  ];
}

/** What is wrong on either level by itself. */
function contextFaults(context: V1SecurityContext | V1PodSecurityContext = {}): string[] {
  const { seLinuxOptions: selinux, appArmorProfile: appArmor, windowsOptions: windows } = context;
  return [
    ...said(context.runAsUser === 0, 'runAsUser is 0'),
    ...said(context.runAsNonRoot === false, 'runAsNonRoot is false'),
    ...said(context.seccompProfile?.type === 'Unconfined', 'seccompProfile is Unconfined'),
    ...said(appArmor !== undefined && !confined.includes(appArmor.type), 'appArmorProfile'),
    ...said(!selinuxTypes.includes(selinux?.type), 'seLinuxOptions.type'),
    ...said(Boolean(selinux?.user) || Boolean(selinux?.role), 'seLinuxOptions.user or role'),
    ...said(windows?.hostProcess === true, 'hostProcess'),
  ];
}

function handlersOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: V1Container): { host?: string }[] {
  const all = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  return all.flatMap((handler) => [handler?.httpGet ?? {}, handler?.tcpSocket ?? {}]);
}

const said = (holds: boolean, fault: string): string[] => (holds ? [fault] : []);
