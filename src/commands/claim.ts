/** `barnabas claim`: claims an id, writes server.properties, and exits: an init container. */
import type { claimSettings } from '../command-settings.ts';
import type { Decision } from '../domain/decisions.ts';
import { exitStatus } from '../errors.ts';
import type { Given, World } from '../ports.ts';
import type { Settings } from '../settings.ts';
import { failWithWords } from './in-kubernetes.ts';
import { claimId, makeReady } from './obtain.ts';
import { prepare } from './prepare.ts';
import { planDryRun } from './dry-run.ts';

export async function claimCommand(settings: Settings<(typeof claimSettings)[number]>, given: Given): Promise<number> {
  const { world } = given;
  const prepared = await prepare(settings, given);
  try {
    if (settings.dryRun) return await planDryRun(prepared, settings, world);
    const ready = await failWithWords(world, async () =>
      makeReady(prepared, await claimId(prepared, 'init', world), world),
    );
    prepared.opened.volume.closeLock(ready.claimed.handle);
    const { brokerId, generation, evidence } = ready.claimed;
    const { logDir, config, waitedMs, decisions } = ready;
    if (settings.json) world.output.json({ brokerId, generation, logDir, config, evidence, waitedMs, decisions });
    else
      world.output.print(
        `broker id ${brokerId}, generation ${generation} (${evidence})\nlog dir   ${logDir}\nconfig    ${config}`,
      );
    if (settings.explain && !settings.json) await explain(decisions, world);
    return exitStatus.done;
  } finally {
    await prepared.registry?.close();
  }
}

export async function explain(decisions: readonly Decision[], world: World): Promise<void> {
  const rows = [...decisions]
    .sort((a, b) => a.id - b.id)
    .map(({ id, logDir, verdict, why }) => [String(id), logDir ?? '-', verdict, why]);
  await world.output.table(['ID', 'LOG DIR', 'VERDICT', 'WHY'], rows);
}
