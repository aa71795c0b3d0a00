/** Which settings each command takes; kept apart from the commands, so that a help text loads none of them. */

const identity = ['podName', 'podNamespace', 'podUid', 'nodeName'] as const;

/** What `claim`, `keep` and `run` have in common. */
export const obtainSettings = [
  'volume',
  'brokers',
  'firstId',
  'wait',
  'configOut',
  'template',
  'zookeeper',
  'advertisedHost',
  'service',
  'external',
  'clusterId',
  'volumeUuid',
  'fastFailover',
  'podIp',
  'hostIp',
  'acceptStorage',
  ...identity,
] as const;

/** Of the commands that ask Kafka: where it is, and how brokers let us in. */
export const kafkaSettings = [
  'bootstrap',
  'commandConfig',
  'securityProtocol',
  'tlsCa',
  'tlsCert',
  'tlsKey',
  'saslMechanism',
  'saslUser',
  'saslPasswordFile',
  'saslPassword',
] as const;

export const claimSettings = [...obtainSettings, 'explain', 'dryRun', 'json', 'logFormat'] as const;
export const runSettings = [...obtainSettings, 'logFormat'] as const;
/** How an election goes about it. */
const courseSettings = ['perBroker', 'inSyncFor'] as const;

export const keepSettings = [
  ...obtainSettings,
  'gate',
  'listen',
  'elect',
  ...kafkaSettings,
  ...courseSettings,
  'logFormat',
] as const;
export const releaseSettings = ['volume', 'force', 'reason', 'dryRun', 'json', ...identity, 'logFormat'] as const;
export const doctorSettings = ['volume', 'peer', 'wait', 'json', 'logFormat'] as const;

/** Of the commands that ask Kubernetes, with the rights of a person. */
export const clusterSettings = ['namespace', 'context', 'kubeconfig'] as const;

/** Of the commands that show volume, Kubernetes and Kafka as one. */
const sourceSettings = ['volume', ...clusterSettings, ...kafkaSettings] as const;

export const statusSettings = [...sourceSettings, 'watch', 'output', 'json', 'logFormat'] as const;
export const treeSettings = [...sourceSettings, 'logFormat'] as const;
export const rollSettings = [...clusterSettings, ...kafkaSettings, 'all', 'wait', 'dryRun', 'logFormat'] as const;
export const whySettings = [...sourceSettings, 'json', 'logFormat'] as const;
export const electSettings = [
  ...kafkaSettings,
  'zookeeper',
  ...clusterSettings,
  'topic',
  'wait',
  ...courseSettings,
  'unclean',
  'confirm',
  'dryRun',
  'json',
  'logFormat',
] as const;

/** Of every step of a recovery that asks the cluster. */
const recoveryBase = [...kafkaSettings, 'zookeeper', ...clusterSettings, 'json', 'logFormat'] as const;
const movingSettings = ['journal', 'throttle', 'batchPartitions', 'batchBytes', 'wait', 'yes', 'unregister'] as const;

export const recoverPlanSettings = [
  'replace',
  'plan',
  'verify',
  'volume',
  'throttle',
  'force',
  ...recoveryBase,
] as const;
export const recoverApplySettings = ['replace', 'plan', 'volume', 'force', ...movingSettings, ...recoveryBase] as const;
export const recoverResumeSettings = [...movingSettings, ...recoveryBase] as const;
export const recoverAbortSettings = ['journal', 'batchPartitions', 'batchBytes', 'wait', ...recoveryBase] as const;
export const recoverStatusSettings = ['journal', ...recoveryBase] as const;
