/**
 * What `claim`, `run` and `keep` do first: read everything, check every setting, and report all problems at once. Nothing
 * on the volume changes before that.
 */
import { dirname, resolve } from 'node:path';
import type { obtainSettings } from '../command-settings.ts';
import type { Cluster } from '../domain/candidates.ts';
import { fileReferences } from '../domain/properties/file-references.ts';
import { planProperties, type PropertiesPlan } from '../domain/properties/plan.ts';
import type { Pod } from '../domain/record.ts';
import { BarnabasError } from '../errors.ts';
import type { Given, MachineFacts, OpenedVolume, Registry, World } from '../ports.ts';
import type { Kubernetes } from '../ports-cluster.ts';
import type { Settings } from '../settings.ts';
import { pinnedUuid, sizeOfCluster, type Pin } from './in-kubernetes.ts';

export type ObtainSettings = Settings<(typeof obtainSettings)[number]>;

/** Everything that was read and checked before the volume is touched. */
export interface Prepared {
  readonly settings: ObtainSettings;
  readonly opened: OpenedVolume;
  readonly plan: PropertiesPlan;
  /** What is written where clients can't be told the name of the id's Service. */
  readonly planWithoutName: PropertiesPlan;
  readonly cluster: Cluster;
  readonly pin: Pin;
  readonly pod: Pod;
  readonly machine: MachineFacts;
  /** A session with ZooKeeper, where there is one to ask and it answered. */
  readonly registry: Registry | undefined;
  readonly kubernetes: Kubernetes | undefined;
}

export async function prepare(settings: ObtainSettings, { world, problems }: Given): Promise<Prepared> {
  const machine = world.machine();
  const pod = {
    name: settings.podName ?? machine.hostname,
    namespace: settings.podNamespace ?? '',
    uid: settings.podUid ?? world.randomness.uuid(),
  };
  const kubernetes = pod.namespace === '' ? undefined : world.kubernetes(pod, settings.nodeName);
  const { volume, plan, planWithoutName } = checkAll({ settings, pod, kubernetes, known: problems }, world);
  const opened = await world.openVolume(resolve(volume));
  checkStorage(opened, settings.acceptStorage);
  const [cluster, pin, registry] = await Promise.all([
    sizeOfCluster(settings, kubernetes, world.log),
    pinnedUuid(settings, kubernetes, world.log),
    plan.zookeeperConnect === undefined ? undefined : world.openRegistry(plan.zookeeperConnect),
  ]);
  return { settings, opened, plan, planWithoutName, cluster, pin, pod, machine, registry, kubernetes };
}

/** Where locks prove nothing, no one starts without having been told so: by the name of what is accepted. */
function checkStorage({ storage, volume }: OpenedVolume, accepted: string | undefined): void {
  if (storage.coherence !== 'untrusted' || accepted === storage.type) return;
  throw new BarnabasError(
    'volume-unsafe',
    `refused to claim on ${volume.root}: record locks on it prove nothing (${storage.why}), so a dead broker's id is never free by itself. \`barnabas doctor --volume ${volume.root}\` says more; --accept-storage ${storage.type} claims there all the same`,
  );
}

interface Checked {
  readonly settings: ObtainSettings;
  readonly pod: Pod;
  readonly kubernetes: Kubernetes | undefined;
  readonly known: readonly string[];
}

/** All problems of all settings in one error. */
function checkAll({ settings, pod, kubernetes, known }: Checked, world: World) {
  const { volume, configOut, zookeeper, advertisedHost, service, external } = settings;
  const problems = [...known, ...missingVolume(volume, known), ...missingService(settings)];
  const template = readTemplate(settings.template, world, problems);
  const environment = definedOnly(world.environment);
  const podIp = settings.podIp ?? world.machine().address;
  const secretFiles = readSecretFiles(environment, world);
  const planFor = (host: string | undefined) =>
    planProperties({
      ...(template && { template }),
      environment,
      secretFiles,
      ...(zookeeper !== undefined && { zookeeper }),
      ...(host !== undefined && { advertisedHost: host }),
      ...(podIp !== undefined && { podIp }),
      external: external !== undefined,
    });
  const name = kubernetes && service !== undefined ? `${service}-{id}.${pod.namespace}.svc` : undefined;
  const planned = planFor(advertisedHost ?? name);
  const withoutName = planFor(advertisedHost);
  if (!planned.ok) problems.push(...planned.problems);
  const directory = configOut === undefined ? undefined : dirname(resolve(configOut));
  if (directory !== undefined && !world.files.isWritableDirectory(directory)) {
    problems.push(`--config-out: ${directory} is no writable directory`);
  }
  if (problems.length > 0 || !planned.ok || volume === undefined) throw invalidSettings(problems);
  for (const warning of planned.warnings) world.log.warn('check the settings', { warning });
  return { volume, plan: planned.plan, planWithoutName: withoutName.ok ? withoutName.plan : planned.plan };
}

/** Nothing if it was given in a way that is a problem already. */
export const missingVolume = (volume: string | undefined, problems: readonly string[]): readonly string[] =>
  volume === undefined && !problems.some((problem) => /^(--volume|BARNABAS_VOLUME):/.test(problem))
    ? ['--volume DIR is missing: where are the log dirs?']
    : [];

const missingService = ({ external, service }: ObtainSettings): readonly string[] =>
  external !== undefined && service === undefined
    ? ['--service NAME is missing: --external is by the Services NAME-<id>-external']
    : [];

export function invalidSettings(problems: readonly string[]): BarnabasError {
  const lines = problems.map((problem) => `\n  - ${problem}`).join('');
  return new BarnabasError('settings-invalid', `cannot start with these settings:${lines}`);
}

function readTemplate(path: string | undefined, world: World, problems: string[]) {
  if (path === undefined) return undefined;
  const text = world.files.readText(resolve(path));
  if (text.ok) return { source: path, text: text.value };
  problems.push(`--template: ${path} can't be read (${text.errno})`);
  return undefined;
}

function readSecretFiles(environment: Readonly<Record<string, string>>, world: World) {
  return new Map(
    fileReferences(environment).map(({ variable, path }) => {
      const text = world.files.readText(path);
      return [
        variable,
        text.ok ? { path, text: text.value } : { path, problem: `can't be read (${text.errno})` },
      ] as const;
    }),
  );
}

const definedOnly = (environment: World['environment']): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined));
