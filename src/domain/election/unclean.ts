/** An unclean election gives messages up: what a person has to type for it, and what it is refused with. */
import { nameOf, type PartitionView } from '../kafka-view.ts';
import { someNames } from './counts.ts';

/** Of these very partitions, so that no script has it ready. */
export const confirmationOf = (partitions: readonly PartitionView[]): string => {
  // Brokers list them in any order.
  const [first, ...others] = partitions.map(nameOf).sort();
  return `lose messages of ${first ?? ''}${others.length === 0 ? '' : ` and ${others.length} more`}`;
};

/** What is lost, in words. */
export function describeLoss(partitions: readonly PartitionView[]): string {
  const holders = [...new Set(partitions.flatMap(({ isr }) => isr))].sort((a, b) => a - b);
  const who = holders.length === 0 ? 'replicas that are down have' : `broker ${holders.join(', ')} has`;
  const which = partitions.length === 1 ? 'partition' : `${partitions.length} partitions:`;
  return `an unclean election of ${which} ${someNames(partitions, 5)} loses for good what only ${who}`;
}
