/** Broker ids and the names of log dirs on the volume. */

/** Kafka keeps ids in a signed 32-bit integer. */
const maxBrokerId = 0x7fffffff;

/** `current` is `kafka-logs-<id>`; `2017` is the `kafka-log<N>` of the first script, adopted where it stands. */
export interface LogDirName {
  readonly brokerId: number;
  readonly name: string;
  readonly layout: 'current' | '2017';
}

const layouts = [
  { layout: 'current', pattern: /^kafka-logs-(0|[1-9]\d*)$/ },
  { layout: '2017', pattern: /^kafka-log(0|[1-9]\d*)$/ },
] as const;

export function parseBrokerId(text: string): number | undefined {
  if (!/^(0|[1-9]\d{0,9})$/.test(text)) return undefined;
  const id = Number(text);
  return id <= maxBrokerId ? id : undefined;
}

/** Reads the name of an entry of the volume's root; undefined if it is not a log dir of ours. */
export function parseLogDirName(name: string): LogDirName | undefined {
  for (const { layout, pattern } of layouts) {
    const brokerId = parseBrokerId(pattern.exec(name)?.[1] ?? '');
    if (brokerId !== undefined) return { brokerId, name, layout };
  }
  return undefined;
}

export const logDirNameOf = (brokerId: number): string => `kafka-logs-${String(brokerId)}`;
