/** `barnabas elect --dry-run`: what would be elected now, what later, and what can't be. */
import { countLeaders, type Left } from '../domain/election/counts.ts';
import { foresee, newCourse, observe, type Rules } from '../domain/election/course.ts';
import { losable, preferredOf, takeStock } from '../domain/election/standing.ts';
import { confirmationOf } from '../domain/election/unclean.ts';
import { nameOf, type KafkaView, type PartitionView } from '../domain/kafka-view.ts';
import { exitStatus } from '../errors.ts';
import type { World } from '../ports.ts';
import type { Elect } from './elect.ts';
import { count, printCounts, printLeft } from './elect-report.ts';

export interface ElectionPlan extends Elect {
  readonly rules: Rules;
  readonly view: KafkaView;
}

export async function planElection(plan: ElectionPlan, { output, clock }: World): Promise<number> {
  const { settings, isChosen, rules, view } = plan;
  const stock = takeStock(view, isChosen);
  const when = { rules, nowMs: clock.nowMs() };
  const { ready, waiting, cannot } = foresee(observe(newCourse, stock, when), stock, when);
  const brokers = countLeaders(view, withLeaders(view, ready), isChosen);
  const unclean = settings.unclean ? losable(view, isChosen) : [];
  if (settings.json) {
    const elect = ready.map(changeOf);
    output.json({
      dryRun: true,
      clusterId: view.clusterId,
      brokers,
      elect,
      waiting,
      cannot,
      unclean: unclean.map(nameOf),
    });
    return exitStatus.done;
  }
  await printCounts(brokers, ['LEADS', 'WOULD LEAD'], output);
  await printLeft([...waiting.map(laterWords), ...cannot], output);
  if (unclean.length > 0) output.print(`\n--unclean would ask for: ${confirmationOf(unclean)}`);
  output.print(`\nwould elect ${count(ready.length, 'preferred leader')} now; nothing was changed`);
  return exitStatus.done;
}

const laterWords = (left: Left): Left => ({ ...left, why: `later: ${left.why}` });

export const changeOf = (partition: PartitionView) => ({
  ...{ topic: partition.topic, partition: partition.partition },
  ...{ from: partition.leader, to: preferredOf(partition) },
});

function withLeaders(view: KafkaView, ready: readonly PartitionView[]): KafkaView {
  const elected = new Set(ready);
  const partitions = view.partitions.map((one) => (elected.has(one) ? { ...one, leader: preferredOf(one) } : one));
  return { ...view, partitions };
}
