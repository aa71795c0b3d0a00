/** `barnabas tree`: ReplicaSets, their pods, the broker ids of those, and what an id has, drawn with lines. */
import type { treeSettings } from '../command-settings.ts';
import { drawTree, growTree, type TreeLine } from '../domain/fleet/tree.ts';
import { exitStatus } from '../errors.ts';
import type { Given, Output } from '../ports.ts';
import type { Settings } from '../settings.ts';
import { lookAtCluster } from './look-at-cluster.ts';
import { invalidSettings } from './prepare.ts';

export async function treeCommand(
  settings: Settings<(typeof treeSettings)[number]>,
  { world, problems }: Given,
): Promise<number> {
  if (problems.length > 0) throw invalidSettings(problems);
  const { scene, brokerPods } = await lookAtCluster(settings, world);
  const services = await brokerPods.services();
  for (const line of drawTree(growTree(scene, services))) world.output.print(await paintLine(line, world.output));
  return exitStatus.done;
}

const signs = { good: '✓', waits: '…', bad: '✗' } as const;

async function paintLine({ lines, mark, text }: TreeLine, output: Output): Promise<string> {
  const sign = mark === undefined ? '' : `${await output.paint(mark, signs[mark])} `;
  return `${await output.paint('faint', lines)}${sign}${text}`;
}
