/** What `barnabas elect` prints in the end. */
import { countLeaders, groupByReason, type BrokerCounts, type Left } from '../domain/election/counts.ts';
import { preferredOf } from '../domain/election/standing.ts';
import type { Chosen } from '../domain/election/topics.ts';
import { nameOf, type KafkaView, type PartitionView } from '../domain/kafka-view.ts';
import type { World } from '../ports.ts';
import type { Output } from '../ports-output.ts';
import type { ElectSettings } from './elect.ts';
import type { Unclean } from './elect-unclean.ts';
import type { Outcome } from './hold-election.ts';

export interface Report {
  readonly settings: ElectSettings;
  readonly isChosen: Chosen;
  readonly before: KafkaView;
  readonly unclean: readonly Unclean[];
  readonly outcome: Outcome;
  readonly tookMs: number;
}

export async function reportElection(report: Report, { output }: World): Promise<void> {
  const { settings, isChosen, before, unclean, outcome, tookMs } = report;
  const { after, waves, waiting, cannot } = outcome;
  const brokers = countLeaders(before, after, isChosen);
  const elected = electedOf(before, after, isChosen);
  if (settings.json) {
    const { clusterId } = after;
    output.json({ dryRun: false, clusterId, brokers, elected, waves, waiting, cannot, unclean, tookMs });
    return;
  }
  await printCounts(brokers, ['LED BEFORE', 'LEADS NOW'], output);
  await printLeft([...waiting, ...cannot], output);
  const left = waiting.length + cannot.length;
  const all = brokers.reduce((sum, { preferred }) => sum + preferred, 0);
  const rest = left === 0 ? `all ${all} partitions are` : `${left} of ${all} partitions are not`;
  const how = elected.length === 0 ? '' : ` in ${count(waves, 'wave')}, ${(tookMs / 1000).toFixed(1)} s`;
  output.print(`\nelected ${count(elected.length, 'preferred leader')}${how}; ${rest} led by their preferred replica`);
}

export const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

/** Those that a preferred replica leads now, and did not before. */
function electedOf(before: KafkaView, after: KafkaView, isChosen: Chosen) {
  const old = new Map(before.partitions.map((one) => [nameOf(one), one.leader]));
  const isElected = (one: PartitionView): boolean =>
    one.leader === preferredOf(one) && (old.get(nameOf(one)) ?? one.leader) !== one.leader;
  return after.partitions
    .filter((one) => isChosen(one) && isElected(one))
    .map((one) => ({ topic: one.topic, partition: one.partition, from: old.get(nameOf(one)), to: one.leader }));
}

export async function printCounts(
  brokers: readonly BrokerCounts[],
  heads: readonly [string, string],
  output: Output,
): Promise<void> {
  const rows = brokers.map(({ brokerId, preferred, ledBefore, ledAfter }) =>
    [brokerId, preferred, ledBefore, ledAfter].map(String),
  );
  await output.table(['BROKER', 'SHOULD LEAD', ...heads], rows);
}

export async function printLeft(left: readonly Left[], output: Output): Promise<void> {
  if (left.length === 0) return;
  output.print('');
  const rows = groupByReason(left).map(({ count: number, names, why }) => [String(number), names, why]);
  await output.table(['NOT ELECTED', 'SUCH AS', 'WHY'], rows);
}
