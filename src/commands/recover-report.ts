/** Plans and ends of recoveries, for people. */
import { groupByReason } from '../domain/election/counts.ts';
import { nameOf } from '../domain/kafka-view.ts';
import type { Left } from '../domain/recovery/forward.ts';
import type { PlannedMove, RecoveryPlan } from '../domain/recovery/plan.ts';
import { totalOf } from '../domain/recovery/sizes.ts';
import { bytesInWords, counted, durationInWords } from '../domain/recovery/words.ts';
import type { Change } from '../domain/recovery/outlook.ts';
import { exitStatus } from '../errors.ts';
import type { World } from '../ports.ts';
import type { Drawing } from './recover-draw.ts';

export async function printDrawing(drawing: Drawing, { output }: World): Promise<void> {
  const { plan, fitness, outlook } = drawing;
  for (const refusal of fitness.refusals) output.print(await output.paint('bad', refusal));
  for (const warning of fitness.warnings) output.print(await output.paint('waits', warning));
  output.print(summaryOf(drawing));
  if (plan.moves.length > 0) {
    await output.table(['TOPIC', 'PARTITIONS', 'TO COPY'], rowsByTopic(plan.moves));
    const rows = outlook.map(({ id, live, rack, leaders, replicas, bytes }) => [
      ...[String(id), live ? 'yes' : 'no', rack ?? '-', arrow(leaders), arrow(replicas)],
      bytes ? arrow(bytes, bytesInWords) : 'unknown',
    ]);
    await output.table(['BROKER', 'LIVE', 'RACK', 'LEADERS', 'REPLICAS', 'BYTES'], rows);
  }
  for (const { count, names, why, choices } of groupsOf(plan)) {
    output.print(await output.paint('waits', `set apart: ${counted(count, 'partition')} (${names}): ${why}`));
    for (const choice of choices) output.print(`  - ${choice}`);
  }
}

function summaryOf({ plan, seconds }: Drawing): string {
  const heirs = plan.replace.map((each) => `${each.new} for ${each.old}`).join(', ');
  if (plan.moves.length === 0) return `${heirs}: nothing to move`;
  const bytes = bytesInWords(totalOf(plan.moves.map((move) => move.bytes)));
  const time = seconds === null ? '' : `, ${durationInWords(seconds)} at the throttle`;
  return `${heirs} in ${counted(plan.moves.length, 'partition')}: ${bytes} to copy${time}`;
}

const arrow = ({ before, after }: Change, words: (value: number) => string = String): string =>
  before === after ? words(before) : `${words(before)} → ${words(after)}`;

const topicsShown = 20;

function rowsByTopic(moves: readonly PlannedMove[]): string[][] {
  const topics = new Map<string, PlannedMove[]>();
  for (const move of moves) topics.set(move.topic, [...(topics.get(move.topic) ?? []), move]);
  const rows = [...topics].map(([topic, of]) => {
    const bytes = totalOf(of.map((move) => move.bytes));
    return { topic, count: of.length, bytes, row: [topic, String(of.length), bytesInWords(bytes)] };
  });
  rows.sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0) || b.count - a.count);
  const rest = rows.slice(topicsShown);
  const more = [`and ${rest.length} more`, String(rest.reduce((sum, { count }) => sum + count, 0)), ''];
  return [...rows.slice(0, topicsShown).map(({ row }) => row), ...(rest.length > 0 ? [more] : [])];
}

/** Those that are set apart for one reason, with the choices of the first. */
function groupsOf({ apart }: RecoveryPlan) {
  return groupByReason(apart).map((group) => ({
    ...group,
    choices: apart.find(({ why }) => why === group.why)?.choices ?? [],
  }));
}

/** What a run left undone, and why. */
export async function printLeft(left: readonly Left[], { output }: World): Promise<void> {
  const named = left.map(({ move, why }) => ({ topic: move.topic, partition: move.partition, why }));
  for (const { count, names, why } of groupByReason(named)) {
    output.print(await output.paint('waits', `left: ${counted(count, 'partition')} (${names}): ${why}`));
  }
}

/** Of a journal whose recovery is over. */
export function sayNothing(why: string, json: boolean, { output }: World): number {
  if (json) output.json({ nothingToDo: why });
  else output.print(`nothing to do: ${why}`);
  return exitStatus.done;
}

export function printUnregistered(ids: readonly number[], { output }: World): void {
  if (ids.length > 0) output.print(`taken off the cluster: ${ids.join(', ')}`);
}

export const leftForJson = (left: readonly Left[]) =>
  left.map(({ move, whose, why }) => ({ topic: move.topic, partition: move.partition, whose, why }));

export const namesOf = (moves: readonly PlannedMove[]): string[] => moves.map(nameOf);
