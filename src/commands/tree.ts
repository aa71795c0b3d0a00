/** `barnabas tree`: ReplicaSets, their pods, the broker ids of those, and what an id has, drawn with lines. */
import type { treeSettings } from '../command-settings.ts';
import { drawTree, growTree, type TreeLine } from '../domain/fleet/tree.ts';
import { reportOf } from '../domain/status/report.ts';
import { seen } from '../domain/status/sight.ts';
import { exitStatus } from '../errors.ts';
import type { Given } from '../ports.ts';
import type { Output } from '../ports-output.ts';
import type { Settings } from '../settings.ts';
import { invalidSettings } from './prepare.ts';
import { openSources, warnOfLeftOut } from './sources.ts';

export async function treeCommand(
  settings: Settings<(typeof treeSettings)[number]>,
  { world, problems }: Given,
): Promise<number> {
  if (problems.length > 0) throw invalidSettings(problems);
  const { output } = world;
  const sources = await openSources(settings, world, 'needed');
  try {
    const { sight } = await sources.look();
    const services = (await sources.brokerPods?.services()) ?? [];
    const scene = seen(sight.kubernetes);
    const branches = scene ? growTree({ scene, services, lines: reportOf(sight).lines }) : [];
    for (const line of drawTree(branches)) output.print(await paintLine(line, output));
    warnOfLeftOut(sight, world);
    return exitStatus.done;
  } finally {
    await sources.close();
  }
}

const signs = { good: '✓', waits: '…', bad: '✗' } as const;

async function paintLine({ lines, mark, text }: TreeLine, output: Output): Promise<string> {
  const sign = mark === undefined ? '' : `${await output.paint(mark, signs[mark])} `;
  return `${await output.paint('faint', lines)}${sign}${text}`;
}
