/** `barnabas status`: volume, Kubernetes and Kafka in one table, joined by broker id; once, or again and again. */
import type { statusSettings } from '../command-settings.ts';
import { reportOf, type Report } from '../domain/status/report.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { Given, World } from '../ports.ts';
import type { Settings } from '../settings.ts';
import { invalidSettings } from './prepare.ts';
import { openSources, type Sources } from './sources.ts';
import { statusJson } from './status-json.ts';
import { statusText } from './status-table.ts';

type StatusSettings = Settings<(typeof statusSettings)[number]>;

/** Of `--watch`. */
const everyMs = 2000;

/** Exit status 1 unless all that was seen is healthy; with `--watch`, of the last look. */
export async function statusCommand(settings: StatusSettings, { world, problems }: Given): Promise<number> {
  if (problems.length > 0) throw invalidSettings(problems);
  const sources = await openSources(settings, world, 'if-named');
  const { signal } = world;
  const told = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
  const look = (): Promise<Shown | undefined> => Promise.race([show(sources, settings, world), told]);
  try {
    const first = await look();
    if (!first) throw new BarnabasError('interrupted', 'interrupted before anything was seen');
    if (settings.watch) return await watch(first, settings, { look, world });
    world.output.print(first.text);
    return first.status;
  } finally {
    await sources.close();
  }
}

interface Shown {
  readonly text: string;
  readonly status: number;
}

const isJson = ({ json, output }: StatusSettings): boolean => json || output === 'json';

async function show(sources: Sources, settings: StatusSettings, { output }: World): Promise<Shown> {
  const report = reportOf((await sources.look()).sight);
  const text = isJson(settings)
    ? JSON.stringify(statusJson(report), null, 2)
    : await statusText(report, settings.output === 'wide' ? 'wide' : 'narrow', output);
  return { text, status: statusOf(report) };
}

const statusOf = ({ faults }: Report): number => (faults.length === 0 ? exitStatus.done : exitStatus.failed);

/** A first look that fails is the end of it; later ones are told, and looked for again. */
async function watch(
  first: Shown,
  settings: StatusSettings,
  { look, world }: { readonly look: () => Promise<Shown | undefined>; readonly world: World },
): Promise<number> {
  const { clock, signal, output } = world;
  const frames = await output.frames();
  let last = first;
  for (
    let next: Shown | undefined = first;
    next && frames.show(next.text);
    next = await look().catch((error: unknown) => missed(error, settings))
  ) {
    last = next;
    await clock.pause(everyMs, signal);
    if (signal.aborted) break;
  }
  return last.status;
}

function missed(error: unknown, settings: StatusSettings): Shown {
  if (!(error instanceof BarnabasError)) throw error;
  const { message, exitStatus: status } = error;
  const report = { healthy: false, faults: [message], leftOut: [], brokers: [] };
  return { text: isJson(settings) ? JSON.stringify(report, null, 2) : message, status };
}
