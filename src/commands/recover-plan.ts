/** `barnabas recover plan`: what a recovery would do, for people, and as a file to be carried out. Changes nothing. */
import type { recoverPlanSettings } from '../command-settings.ts';
import { fileOf, readPlan, type PlanFile } from '../domain/recovery/plan-file.ts';
import type { RecoveryPlan } from '../domain/recovery/plan.ts';
import { counted } from '../domain/recovery/words.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { Given, World } from '../ports.ts';
import type { Settings } from '../settings.ts';
import { findRoute } from './kafka-route.ts';
import { invalidSettings } from './prepare.ts';
import { drawPlan, type Drawing } from './recover-draw.ts';
import { printDrawing } from './recover-report.ts';

type PlanSettings = Settings<(typeof recoverPlanSettings)[number]>;

export async function recoverPlanCommand(settings: PlanSettings, { world, problems }: Given): Promise<number> {
  const nothing = settings.replace.length === 0 && settings.verify === undefined;
  const all = nothing ? [...problems, '--replace is missing: which id is lost, and who takes its place?'] : problems;
  if (all.length > 0) throw invalidSettings(all);
  if (settings.verify !== undefined) return await verifyOffline(settings.verify, settings.json, world);
  const kafka = await world.openKafka(await findRoute(settings, world));
  try {
    const drawing = await drawPlan({ kafka, replace: settings.replace, settings }, world);
    return await tell(drawing, settings, world);
  } finally {
    await kafka.close();
  }
}

async function tell(drawing: Drawing, { plan: path, json }: PlanSettings, world: World): Promise<number> {
  const { plan, fitness, outlook, seconds } = drawing;
  const file = fileOf(plan, await world.loadDigest());
  if (json) world.output.json({ plan: file, brokers: outlook, seconds, ...fitness });
  else await printDrawing(drawing, world);
  refuseUnfit(fitness.refusals);
  if (path !== undefined) writePlan(path, file, world);
  return exitStatus.done;
}

export function refuseUnfit(refusals: readonly string[]): void {
  if (refusals.length > 0) throw new BarnabasError('recovery-refused', `cannot replace: ${refusals.join('; ')}`);
}

function writePlan(path: string, file: PlanFile, { files, log }: World): void {
  const written = files.writeAtomically(path, `${JSON.stringify(file, null, 2)}\n`);
  if (!written.ok) throw new BarnabasError('settings-invalid', `--plan: cannot write ${path} (${written.errno})`);
  log.info('wrote the plan', { file: path, next: `barnabas recover apply --plan ${path}` });
}

/** Throws BarnabasError if it is not there, or not whole. */
export async function loadPlan(path: string, world: World): Promise<{ plan: RecoveryPlan; hash: string }> {
  const text = world.files.readText(path);
  if (!text.ok) throw new BarnabasError('settings-invalid', `cannot read the plan ${path} (${text.errno})`);
  const read = readPlan(text.value, await world.loadDigest());
  if (read.ok) return read;
  const hint = 'make it anew with `barnabas recover plan`';
  throw new BarnabasError('recovery-refused', `cannot use the plan ${path}: ${read.faults.join('; ')}; ${hint}`);
}

async function verifyOffline(path: string, json: boolean, world: World): Promise<number> {
  const { plan, hash } = await loadPlan(path, world);
  const { clusterId, moves, apart } = plan;
  if (json) world.output.json({ whole: true, clusterId, moves: moves.length, apart: apart.length, sha256: hash });
  else world.output.print(`${path} is whole: ${counted(moves.length, 'move')}, ${apart.length} set apart`);
  return exitStatus.done;
}
