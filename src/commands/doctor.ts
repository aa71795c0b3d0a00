/** `barnabas doctor --volume`: what a volume really does, before anyone trusts it with data. */
import { resolve } from 'node:path';
import type { doctorSettings } from '../command-settings.ts';
import { diagnose, type Diagnosis, type Grade } from '../domain/doctor/judge.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { Given } from '../ports.ts';
import type { Output } from '../ports-output.ts';
import { listRoot } from '../runner.ts';
import type { Settings } from '../settings.ts';
import { invalidSettings, missingVolume } from './prepare.ts';

/** Exit status 0 for `safe` and `one machine only`, 3 for `unsafe`. */
export async function doctorCommand(
  settings: Settings<(typeof doctorSettings)[number]>,
  { world, problems }: Given,
): Promise<number> {
  if (settings.volume === undefined || problems.length > 0)
    throw invalidSettings([...missingVolume(settings.volume, problems), ...problems]);
  const root = resolve(settings.volume);
  const { storage, volume } = await world.openVolume(root);
  await listRoot(volume, world.signal);
  if (settings.peer && !settings.json) {
    world.log.info('waiting for a doctor in another place', { volume: root, waitMs: settings.wait });
  }
  const examined = await world.examine(root, settings.peer ? settings.wait : undefined);
  if (world.signal.aborted) throw new BarnabasError('interrupted', 'interrupted; nothing was left on the volume');
  if (settings.peer && !examined.peer && examined.writable.known) {
    throw new BarnabasError(
      'wait-deadline',
      `no other doctor came to ${root} within ${settings.wait / 1000} s: start one with --peer in another pod, on another Kubernetes node`,
    );
  }
  const diagnosis = diagnose({ storage, ...examined });
  if (settings.json) world.output.json({ volume: root, ...diagnosis, findings: { storage, ...examined } });
  else await print(root, diagnosis, world.output);
  return diagnosis.verdict === 'unsafe' ? exitStatus.refused : exitStatus.done;
}

const marks: Readonly<Record<Grade, string>> = { good: 'ok', warn: 'warn', bad: 'BAD' };

async function print(root: string, { verdict, why, checks }: Diagnosis, output: Output): Promise<void> {
  await output.table(
    ['', 'CHECK', 'SEEN', 'MEANS'],
    checks.map(({ grade, name, saw, means }) => [marks[grade], name, saw, means]),
  );
  for (const { name, mend } of checks) if (mend !== undefined) output.print(`\nto mend: ${name}: ${mend}`);
  output.print(`\n${root}: ${verdict.toUpperCase()}: ${why}`);
}
