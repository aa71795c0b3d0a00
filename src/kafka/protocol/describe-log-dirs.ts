/** The log dirs of the broker that is asked, and what its replicas take there (KIP-113). */
import type { BrokerLogDir } from '../../domain/kafka-view.ts';
import type { Api } from './api.ts';
import type { Reader } from './reader.ts';
import { readTopics } from './topics.ts';

export interface DescribedLogDir extends BrokerLogDir {
  readonly error: number;
}

export interface DescribeLogDirsAnswer {
  readonly error: number;
  readonly logDirs: readonly DescribedLogDir[];
}

/**
 * 0: Kafka 1.0; 2: 2.6, flexible; 3: 3.2, an error of the whole; 4: 3.3, the file system's sizes (KIP-827); 5: 4.3, whether
 * it is cordoned (KIP-1066). Of every topic.
 */
export const describeLogDirs: Api<null, DescribeLogDirsAnswer> = {
  key: 35,
  name: 'DescribeLogDirs',
  since: '1.0',
  versions: [0, 5],
  flexibleFrom: 2,
  write(to) {
    to.structs(null, () => undefined);
    to.tags();
  },
  read(from, version) {
    from.int32();
    const error = version >= 3 ? from.int16() : 0;
    const logDirs = from.structs(() => readLogDir(from, version));
    from.tags();
    return { error, logDirs };
  },
};

function readLogDir(from: Reader, version: number): DescribedLogDir {
  const error = from.int16();
  const path = from.string();
  const replicas = readTopics(from, (topic) => {
    const partition = from.int32();
    const bytes = from.int64();
    from.int64();
    return { topic, partition, bytes, isFuture: from.boolean() };
  });
  const totalBytes = version >= 4 ? known(from.int64()) : null;
  const usableBytes = version >= 4 ? known(from.int64()) : null;
  if (version >= 5) from.boolean();
  return { error, path, totalBytes, usableBytes, replicas };
}

const known = (bytes: number): number | null => (bytes < 0 ? null : bytes);
