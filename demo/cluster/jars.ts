/** Kafka's and ZooKeeper's jars, as `scripts/ensure-kafka.sh` keeps them. */
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface Jars {
  /** For java's `-cp`. */
  readonly classPath: string;
  readonly log4j: string;
}

/** Fetches them first if the cache lacks them; half a minute then. Throws if that fails. */
export function findJars(version = '3.9.2'): Jars {
  const script = join(root, 'scripts/ensure-kafka.sh');
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const directory = execFileSync('bash', [script, version], { encoding: 'utf8', stdio: [...stdio] }).trim();
  return { classPath: join(directory, '*'), log4j: join(root, 'images/kafka/log4j.properties') };
}

/** For small JVMs on a small machine: they start fast and do little. */
export const smallJvm = (heapMiB: number): readonly string[] => [
  `-Xms${heapMiB}m`,
  `-Xmx${heapMiB}m`,
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
  '-Djava.net.preferIPv4Stack=true',
];

/** The same behind two shells that exec, as `kafka-server-start.sh` and `kafka-run-class.sh` do. */
export const throughScripts = (command: readonly string[]): readonly string[] => [
  ...['sh', '-c', `exec sh -c 'exec "$@"' kafka-run-class.sh "$@"`, 'kafka-server-start.sh'],
  ...command,
];

/** One of Kafka's own tools, with what its start script gives the JVM (kafka-run-class.sh). */
export const toolCommand = ({ classPath, log4j }: Jars, main: string): readonly string[] => [
  ...['java', '-Xmx256M', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
  ...['-XX:InitiatingHeapOccupancyPercent=35', '-XX:+ExplicitGCInvokesConcurrent', '-Djava.awt.headless=true'],
  ...[`-Dlog4j.configuration=file:${log4j}`, '-cp', classPath, main],
];

/** The command that starts a broker, as it stands after `barnabas run --`. */
export const brokerCommand = ({ classPath, log4j }: Jars, heapMiB = 256): readonly string[] => [
  'java',
  ...smallJvm(heapMiB),
  `-Dlog4j.configuration=file:${log4j}`,
  ...['-cp', classPath, 'kafka.Kafka', '{config}'],
];
