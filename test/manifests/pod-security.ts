/** Pod Security "restricted", as far as a pod's template can break it. Source: Kubernetes, "Pod Security Standards". */
import type { V1Container, V1PodSpec, V1PodTemplateSpec, V1Volume } from '@kubernetes/client-node';
import { containersOf } from './rendered.ts';

const allowedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

const profiles = ['RuntimeDefault', 'Localhost'];

/** What would be refused; empty if nothing. */
export function violations(template: V1PodTemplateSpec): string[] {
  const { spec } = template;
  if (!spec) return ['no pod'];
  return [
    ...ofPod(spec),
    ...(spec.volumes ?? []).flatMap(ofVolume),
    ...containersOf(template).flatMap((container) => ofContainer(container, spec)),
  ];
}

const ofPod = ({ hostNetwork, hostPID, hostIPC }: V1PodSpec): string[] =>
  Object.entries({ hostNetwork, hostPID, hostIPC })
    .filter(([, value]) => value === true)
    .map(([name]) => name);

const ofVolume = ({ name, ...source }: V1Volume): string[] =>
  Object.keys(source)
    .filter((kind) => !allowedVolumes.includes(kind))
    .map((kind) => `volume ${name} is a ${kind}`);

function ofContainer({ name, securityContext: own = {}, ports = [] }: V1Container, pod: V1PodSpec): string[] {
  const given = pod.securityContext ?? {};
  const found: Record<string, boolean> = {
    'is privileged': own.privileged === true,
    'may escalate its privileges': own.allowPrivilegeEscalation !== false,
    'keeps capabilities': own.capabilities?.drop?.includes('ALL') !== true,
    'adds capabilities': (own.capabilities?.add ?? []).some((each) => each !== 'NET_BIND_SERVICE'),
    'may run as root': (own.runAsNonRoot ?? given.runAsNonRoot) !== true || (own.runAsUser ?? given.runAsUser) === 0,
    'has no seccomp profile': !profiles.includes((own.seccompProfile ?? given.seccompProfile)?.type ?? ''),
    'takes a port of the machine': ports.some(({ hostPort }) => hostPort !== undefined),
  };
  return Object.entries(found).flatMap(([what, is]) => (is ? [`container ${name} ${what}`] : []));
}
