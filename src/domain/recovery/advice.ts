/** Why a recovery may stand still, and what a person can do. */
import { nameOf } from '../kafka-view.ts';
import { comingOf, type PlannedMove } from './plan.ts';
import type { Truth } from './truth.ts';
import { bytesInWords, someOf } from './words.ts';

export interface Standstill {
  readonly flying: readonly PlannedMove[];
  readonly truth: Truth;
  /** Bytes a second; undefined without a throttle. */
  readonly rate: number | undefined;
}

export function adviceOn({ flying, truth, rate }: Standstill): string {
  const live = truth.view.brokers;
  const absent = [...new Set(flying.flatMap(comingOf))].filter((id) => !live.includes(id));
  if (absent.length > 0) return `broker ${absent.join(', ')} is not in the cluster: start it, it goes on by itself`;
  const leaderless = flying.filter((move) => (truth.partitions.get(nameOf(move))?.leader ?? -1) < 0);
  if (leaderless.length > 0) {
    return `${someOf(leaderless)} has no leader to copy from: bring its brokers back, or \`barnabas recover abort\``;
  }
  const gone = [...new Set(flying.flatMap(({ after }) => after))].filter((id) => !live.includes(id));
  if (gone.length > 0) {
    const why = 'and beside ZooKeeper a move ends only when all its replicas are in sync';
    return `broker ${gone.join(', ')} is not in the cluster, ${why}: start it, or \`barnabas recover abort\` and replace it too`;
  }
  const heirs = [...new Set(flying.flatMap(comingOf))].join(', ');
  const logs = `look for errors in the log of broker ${heirs}: a full disk, a listener that it can't reach`;
  if (rate === undefined) return logs;
  const higher = `\`barnabas recover resume --throttle\` with more than ${bytesInWords(rate)}/s`;
  return `producers may bring in more than the throttle lets through: stop and ${higher}; or ${logs}`;
}
