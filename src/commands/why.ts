/** `barnabas why POD|ID`: the story of one pod, or of the pod that has a broker id. */
import type { whySettings } from '../command-settings.ts';
import { storyOf, storyOfId, subjectOf, type Story, type Subject, type Told } from '../domain/fleet/story.ts';
import { reportOf } from '../domain/status/report.ts';
import { seen } from '../domain/status/sight.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { Given } from '../ports.ts';
import type { Output } from '../ports-output.ts';
import type { Settings } from '../settings.ts';
import { invalidSettings } from './prepare.ts';
import { openSources, warnOfLeftOut } from './sources.ts';

export interface WhyOrder {
  readonly settings: Settings<(typeof whySettings)[number]>;
  /** The name of a pod, or a broker id. */
  readonly asked: string;
}

export async function whyCommand({ settings, asked }: WhyOrder, { world, problems }: Given): Promise<number> {
  if (problems.length > 0) throw invalidSettings(problems);
  const sources = await openSources(settings, world, 'needed');
  try {
    const { sight, events } = await sources.look();
    const scene = seen(sight.kubernetes);
    if (!scene) return exitStatus.failed;
    warnOfLeftOut(sight, world);
    const told = { scene, events, lines: reportOf(sight).lines };
    const stories = storiesOf(subjectOf(asked, told), told);
    if (settings.json) world.output.json(stories);
    else for (const [index, story] of stories.entries()) await tell(story, index, world.output);
    return exitStatus.done;
  } finally {
    await sources.close();
  }
}

function storiesOf(subject: Subject, told: Told): Story[] {
  if (subject.kind === 'none') throw new BarnabasError('brokers-missing', subject.why);
  if (subject.kind === 'id') return [storyOfId(subject.line)];
  return [subject.pod, ...subject.others].map((pod) => storyOf(pod, told));
}

async function tell(
  { title, claim, id, events, containers, next }: Story,
  index: number,
  output: Output,
): Promise<void> {
  if (index > 0) output.print('');
  output.print(title);
  for (const line of [...claim, ...id]) output.print(line);
  if (events.length > 0) {
    output.print('\nevents, the newest last:');
    await output.table(['AGE', 'TYPE', 'REASON', 'NOTE'], events);
  }
  if (containers.length > 0) output.print('\ncontainers:');
  for (const line of containers) output.print(line.replace(/^/gm, '  '));
  if (next !== undefined) output.print(`\nwhat to do next: ${next}`);
}
