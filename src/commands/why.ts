/** `barnabas why POD|ID`: the story of one pod, or of the pod that has a broker id. */
import type { whySettings } from '../command-settings.ts';
import { storyOf, subjectOf, type Story } from '../domain/fleet/story.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { Given, Output } from '../ports.ts';
import type { Settings } from '../settings.ts';
import { lookAtCluster } from './look-at-cluster.ts';
import { invalidSettings } from './prepare.ts';

export interface WhyOrder {
  readonly settings: Settings<(typeof whySettings)[number]>;
  /** The name of a pod, or a broker id. */
  readonly asked: string;
}

export async function whyCommand({ settings, asked }: WhyOrder, { world, problems }: Given): Promise<number> {
  if (problems.length > 0) throw invalidSettings(problems);
  const { scene, events } = await lookAtCluster(settings, world);
  const subject = subjectOf(asked, scene);
  if (subject.kind === 'none') throw new BarnabasError('brokers-missing', subject.why);
  const stories = [subject.pod, ...subject.others].map((pod) => storyOf(pod, events, scene));
  if (settings.json) world.output.json(stories);
  else for (const [index, story] of stories.entries()) await tell(story, index, world.output);
  return exitStatus.done;
}

async function tell({ title, claim, events, containers, next }: Story, index: number, output: Output): Promise<void> {
  if (index > 0) output.print('');
  output.print(title);
  for (const line of claim) output.print(line);
  if (events.length > 0) {
    output.print('\nevents, the newest last:');
    await output.table(['AGE', 'TYPE', 'REASON', 'NOTE'], events);
  }
  output.print('\ncontainers:');
  for (const line of containers) output.print(line.replace(/^/gm, '  '));
  if (next !== undefined) output.print(`\nwhat to do next: ${next}`);
}
