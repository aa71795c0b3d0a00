/**
 * One table of settings: flag, variable, type, default, help. Every flag `--some-thing` has the twin
 * `BARNABAS_SOME_THING`; the flag wins. All that is wrong is reported at once.
 */
import { count, oneOf, parseDuration, port, positive, text, truth, type Parse } from './parse-setting.ts';
import { electionSettings } from './settings-elect.ts';
import { accessSettings } from './settings-kafka.ts';
import { recoverySettings } from './settings-recover.ts';

export interface Setting<T> {
  readonly parse: Parse<T>;
  /** Shown in the help after the flag; undefined for a switch. */
  readonly placeholder: string | undefined;
  readonly fallback: T;
  /** The default in words, for the help. */
  readonly fallbackText?: string;
  /** The flag in one letter. */
  readonly short?: string;
  /** May be given more than once: a list of all that was given. */
  readonly many?: true;
  /** Never on a command line, where everyone on the machine can read it: there is a variable, and no flag. */
  readonly secret?: true;
  /** Other variables that are read after the twin: the usual names of the downward API. */
  readonly also?: readonly string[];
  readonly help: string;
}

const unset = undefined;

export const settingsTable = {
  ...electionSettings,
  ...accessSettings,
  ...recoverySettings,
  volume: { parse: text, placeholder: 'DIR', fallback: unset, help: 'the shared volume, where the log dirs are' },
  brokers: {
    parse: positive,
    placeholder: 'N',
    fallback: unset,
    fallbackText: 'the replicas of the ReplicaSet; elsewhere no cap',
    help: 'how many brokers the cluster has: no more ids than that are ever made',
  },
  firstId: { parse: count, placeholder: 'N', fallback: 0, help: "the first of the cluster's broker ids" },
  wait: {
    parse: parseDuration,
    placeholder: 'DURATION',
    fallback: 300_000,
    fallbackText: '5m',
    help: 'how long to wait: for an id, and then for its old registration to end; of roll: for each step; of elect: for replicas that are catching up; of recover: how long nothing may move',
  },
  configOut: {
    parse: text,
    placeholder: 'FILE',
    fallback: unset,
    fallbackText: 'a new temporary file',
    help: 'where to write server.properties; {id} stands for the broker id',
  },
  template: {
    parse: text,
    placeholder: 'FILE',
    fallback: unset,
    help: 'a properties file to start from; KAFKA_… variables go over it',
  },
  zookeeper: {
    parse: text,
    placeholder: 'HOST:PORT[,…][/chroot]',
    fallback: unset,
    fallbackText: 'ZOOKEEPER[n]_SERVICE_HOST and _PORT',
    help: 'the ZooKeeper ensemble',
  },
  advertisedHost: {
    parse: text,
    placeholder: 'HOST',
    fallback: unset,
    fallbackText: "the pod's IP",
    help: 'the host that clients are told; {id} stands for the broker id',
  },
  service: {
    parse: text,
    placeholder: 'NAME',
    fallback: unset,
    help: "in Kubernetes: each id has the headless Service NAME-<id>, and advertises its name; the volume's uuid is pinned in the ConfigMap NAME-volume",
  },
  external: {
    parse: oneOf<'NodePort' | 'LoadBalancer'>('NodePort', 'LoadBalancer'),
    placeholder: 'NodePort|LoadBalancer',
    fallback: unset,
    help: 'in Kubernetes: one more listener, EXTERNAL on port 9094, for clients outside: each id has the Service NAME-<id>-external of that type',
  },
  clusterId: {
    parse: text,
    placeholder: 'ID',
    fallback: unset,
    fallbackText: "ZooKeeper's, or what the log dirs agree on",
    help: "the Kafka cluster's id: log dirs of another cluster are refused",
  },
  volumeUuid: {
    parse: text,
    placeholder: 'UUID',
    fallback: unset,
    help: 'the uuid that the volume must have (.barnabas/volume.json): a wrong or empty mount is refused',
  },
  fastFailover: {
    parse: truth,
    placeholder: unset,
    fallback: true,
    help: "remove a dead broker's registration from ZooKeeper at once, where its death is certain",
  },
  podName: {
    parse: text,
    placeholder: 'NAME',
    fallback: unset,
    fallbackText: 'the host name',
    also: ['POD_NAME'],
    help: "this pod's name",
  },
  podNamespace: {
    parse: text,
    placeholder: 'NAME',
    fallback: unset,
    also: ['POD_NAMESPACE'],
    help: "this pod's namespace",
  },
  podUid: {
    parse: text,
    placeholder: 'UID',
    fallback: unset,
    also: ['POD_UID'],
    help: "this pod's UID, by which a restarted container gets its id back",
  },
  podIp: {
    parse: text,
    placeholder: 'IP',
    fallback: unset,
    fallbackText: 'the first address of this machine',
    also: ['POD_IP'],
    help: "this pod's address",
  },
  hostIp: {
    parse: text,
    placeholder: 'IP',
    fallback: unset,
    also: ['HOST_IP'],
    help: 'the address of the Kubernetes node, for --external NodePort where the node itself may not be asked for',
  },
  nodeName: {
    parse: text,
    placeholder: 'NAME',
    fallback: unset,
    also: ['NODE_NAME'],
    help: 'the Kubernetes node, by which a reboot is recognised',
  },
  namespace: {
    parse: text,
    placeholder: 'NAME',
    fallback: unset,
    fallbackText: "the kubeconfig's",
    short: 'n',
    help: "the namespace of the brokers' pods",
  },
  context: {
    parse: text,
    placeholder: 'NAME',
    fallback: unset,
    fallbackText: "the kubeconfig's current one",
    help: 'the context of the kubeconfig to use',
  },
  kubeconfig: {
    parse: text,
    placeholder: 'FILE',
    fallback: unset,
    fallbackText: 'KUBECONFIG, or ~/.kube/config',
    help: 'how to reach Kubernetes, as for kubectl',
  },
  gate: {
    parse: text,
    placeholder: 'DIR',
    fallback: unset,
    help: "a directory that the broker's container shares: the agent puts the script DIR/gate there, which starts a broker on a permit, and server.properties",
  },
  listen: {
    parse: port,
    placeholder: 'PORT',
    fallback: 8099,
    help: 'where /started, /live, /ready and /metrics are served',
  },
  explain: {
    parse: truth,
    placeholder: unset,
    fallback: false,
    help: 'say for each directory why it was or was not taken',
  },
  dryRun: { parse: truth, placeholder: unset, fallback: false, help: 'say what would be done, and change nothing' },
  peer: {
    parse: truth,
    placeholder: unset,
    fallback: false,
    help: 'try the volume from two places at once: start it in both, within --wait',
  },
  acceptStorage: {
    parse: text,
    placeholder: 'TYPE',
    fallback: unset,
    help: 'claim on a volume whose locks prove nothing: name its file system type, as the refusal does',
  },
  all: { parse: truth, placeholder: unset, fallback: false, help: 'every pod, whatever it was made of' },
  watch: {
    parse: truth,
    placeholder: unset,
    fallback: false,
    help: 'look again every two seconds, until told to stop',
  },
  output: {
    parse: oneOf<'wide' | 'json'>('wide', 'json'),
    placeholder: 'wide|json',
    fallback: unset,
    short: 'o',
    help: 'more columns, or JSON',
  },
  json: { parse: truth, placeholder: unset, fallback: false, help: 'print the result as JSON' },
  force: {
    parse: truth,
    placeholder: unset,
    fallback: false,
    help: 'end the claim on your word, where there is no evidence; of recover: although the old broker lives',
  },
  reason: {
    parse: text,
    placeholder: 'TEXT',
    fallback: unset,
    help: 'why you know that the holder is dead; kept on the volume',
  },
  logFormat: {
    parse: oneOf<'text' | 'json'>('text', 'json'),
    placeholder: 'text|json',
    fallback: 'text' as const,
    fallbackText: 'text',
    help: 'how log lines on stderr are written',
  },
} satisfies Readonly<Record<string, Setting<never> | Setting<unknown>>>;

export type SettingName = keyof typeof settingsTable;

type ValueOf<S> = S extends { readonly parse: (text: string) => infer R; readonly fallback: infer F }
  ? Exclude<R, { readonly problem: string }> | F
  : never;

export type Settings<Name extends SettingName> = { readonly [K in Name]: ValueOf<(typeof settingsTable)[K]> };

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
export const flagOf = (name: SettingName): string => `--${kebab(name)}`;
export const variableOf = (name: SettingName): string => `BARNABAS_${kebab(name).replaceAll('-', '_').toUpperCase()}`;
