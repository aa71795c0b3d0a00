/** Whether a log dir's content may be given to a broker: read only, before and after the claim. */
import type { Entry } from './protocol/effects.ts';

/** `topic-partition`, also while being deleted (`-delete`), moved (`-future`) or put aside (`-stray`). */
const partitionDirectory = /^.+-\d+(\.[0-9a-z]+-(delete|future|stray))?$/;
/** Kafka's own directories beside the partitions: tiered storage's index cache. */
const kafkasOwn = new Set(['remote-log-index-cache']);

/**
 * Directories in a log dir at which Kafka refuses to start ("is not in the form of topic-partition"), such as the
 * `lost+found` of a file system mounted right there. Source: LocalLog.parseTopicPartitionName.
 */
export function foreignDirectories(entries: readonly Entry[]): string[] {
  return entries
    .filter((entry) => entry.isDirectory && !partitionDirectory.test(entry.name) && !kafkasOwn.has(entry.name))
    .map((entry) => entry.name);
}

/** What a log dir's `meta.properties` says. Kafka trusts it more than the configuration, and so do we. */
export interface MetaProperties {
  /** `broker.id` (version 0) or `node.id` (version 1); undefined if the file does not say. */
  readonly brokerId: number | undefined;
  readonly clusterId: string | undefined;
  /** `directory.id`: of these data alone, made when they were formatted. Undefined before Kafka 3.7. */
  readonly directoryId: string | undefined;
}

/** Undefined if it does not parse: then the data are not to be touched. */
export function parseMetaProperties(text: string): MetaProperties | undefined {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    if (at <= 0) return undefined;
    values.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  const version = values.get('version');
  if (version !== '0' && version !== '1') return undefined;
  const id = values.get('broker.id') ?? values.get('node.id');
  const brokerId = id === undefined ? undefined : Number(id);
  if (brokerId !== undefined && !Number.isSafeInteger(brokerId)) return undefined;
  return { brokerId, clusterId: values.get('cluster.id'), directoryId: values.get('directory.id') };
}
