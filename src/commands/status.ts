/** `barnabas status`: with `--volume` every id, its log dir, its holder, and whether that lives; else the pods. */
import { resolve } from 'node:path';
import type { statusSettings } from '../command-settings.ts';
import { describeIds, type IdStatus } from '../domain/protocol/describe.ts';
import { exitStatus } from '../errors.ts';
import type { Given } from '../ports.ts';
import { runProtocol } from '../runner.ts';
import type { Settings } from '../settings.ts';
import { volumeErrors } from './claim-errors.ts';
import { invalidSettings } from './prepare.ts';

export async function statusCommand(
  settings: Settings<(typeof statusSettings)[number]>,
  { world, problems }: Given,
): Promise<number> {
  if (problems.length > 0) throw invalidSettings(problems);
  if (settings.volume === undefined) {
    const { statusOfCluster } = await import('./status-of-cluster.ts');
    return await statusOfCluster(settings, world);
  }
  const { bootId } = world.machine();
  const opened = await world.openVolume(resolve(settings.volume));
  const status = await volumeErrors(opened.volume.root, () =>
    runProtocol(describeIds({ bootId, storage: opened.storage }), { ...opened, ...world }, { signal: world.signal }),
  );
  if (settings.json) {
    world.output.json({ volume: opened.volume.root, uuid: status.uuid, storage: opened.storage, ids: status.ids });
    return exitStatus.done;
  }
  world.output.print(
    `${opened.volume.root}: ${opened.storage.why}${status.uuid === null ? '' : `, uuid ${status.uuid}`}`,
  );
  if (status.ids.length === 0) world.output.print('no log dir and no claim yet');
  else
    await world.output.table(
      ['ID', 'LOG DIR', 'HOLDER', 'MODE', 'GENERATION', 'SINCE', 'LOCK', 'VERDICT'],
      status.ids.map(row),
    );
  return exitStatus.done;
}

const row = (entry: IdStatus): string[] => [
  String(entry.id),
  entry.logDirs.join(' ') || '-',
  entry.holder ? `${entry.holder.pod}${entry.holder.node === null ? '' : ` on ${entry.holder.node}`}` : '-',
  entry.holder?.mode ?? '-',
  entry.holder ? String(entry.holder.generation) : '-',
  entry.holder?.since ?? '-',
  entry.lock,
  entry.verdict,
];
