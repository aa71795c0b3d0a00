/** Runs the commands of a recovery on a model cluster, and cuts them off where a test wants it. */
import { createHash } from 'node:crypto';
import {
  recoverAbortSettings,
  recoverApplySettings,
  recoverPlanSettings,
  recoverResumeSettings,
  recoverStatusSettings,
} from '../../../src/command-settings.ts';
import { recoverAbortCommand } from '../../../src/commands/recover-abort.ts';
import { recoverApplyCommand, recoverResumeCommand } from '../../../src/commands/recover-apply.ts';
import { recoverPlanCommand } from '../../../src/commands/recover-plan.ts';
import { recoverStatusCommand } from '../../../src/commands/recover-status.ts';
import { BarnabasError } from '../../../src/errors.ts';
import type { Given, World } from '../../../src/ports.ts';
import { readSettings } from '../../../src/read-settings.ts';
import type { SettingName, Settings } from '../../../src/settings.ts';
import type { ModelKafka } from './model-kafka.ts';

/** What SIGKILL is to a process: nothing runs after it. */
export class Killed extends Error {}

export interface Played {
  /** The exit status; `killed` if it was cut off. */
  readonly status: number | 'killed';
  readonly message: string;
  readonly printed: readonly string[];
  readonly warned: readonly string[];
  readonly json: unknown;
  /** Calls to the world that were made. */
  readonly calls: number;
}

export interface PlayOptions {
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Cut off at this call to the world, counted from 0; half of a call is before its effect, half after. */
  readonly killAt?: number;
  /** Told to stop (SIGTERM) at this call. */
  readonly stopAt?: number;
  readonly types?: readonly string[];
  /** Called each second. */
  readonly each?: (second: number) => void;
}

type Verb = 'plan' | 'apply' | 'resume' | 'abort' | 'status';

/** What is on disk: it outlives a run. */
export interface Disk {
  readonly files: Map<string, string>;
}
export const emptyDisk = (): Disk => ({ files: new Map() });

/** One cluster and one disk, and what runs on them. */
export interface Place {
  readonly kafka: ModelKafka;
  readonly disk: Disk;
}

export async function play(verb: Verb, { kafka, disk }: Place, options: PlayOptions = {}): Promise<Played> {
  const { flags = {}, killAt = Infinity, stopAt = Infinity, types = [], each } = options; // prettier-ignore
  const stop = new AbortController();
  const typed = [...types];
  const printed: string[] = [];
  const warned: string[] = [];
  let json: unknown;
  let calls = 0;
  let ms = 0;
  const around = (): void => {
    if (calls >= killAt) throw new Killed();
    if (calls >= stopAt) stop.abort('SIGTERM');
    calls += 1;
  };
  const world = {
    clock: {
      nowMs: () => ms,
      wallTime: () => '2026-01-01T00:00:00.000Z',
      pause(pauseMs: number) {
        for (const until = ms + pauseMs; ms < until;) {
          const second = Math.floor(ms / 1000);
          ms = Math.min(until, (second + 1) * 1000);
          if (Math.floor(ms / 1000) > second) {
            kafka.tick();
            each?.(Math.floor(ms / 1000));
          }
        }
        return Promise.resolve();
      },
    },
    log: {
      info: () => undefined,
      warn: (message: string, fields?: object) => warned.push(`${message} ${JSON.stringify(fields ?? {})}`),
    },
    progress: { watched: false, show: () => undefined, clear: () => undefined },
    ask: () => Promise.resolve(typed.shift()),
    output: {
      print: (text: string) => printed.push(text),
      json: (value: unknown) => (json = value),
      table: (_head: unknown, rows: readonly (readonly string[])[]) => {
        printed.push(...rows.map((row) => row.join(' ')));
        return Promise.resolve();
      },
      paint: (_tone: unknown, text: string) => Promise.resolve(text),
    },
    files: {
      readText: (path: string) => {
        const value = disk.files.get(path);
        return value === undefined ? { ok: false, errno: 'ENOENT' } : { ok: true, value };
      },
      writeAtomically: (path: string, text: string) => {
        disk.files.set(path, text);
        return { ok: true, value: undefined };
      },
    },
    signal: stop.signal,
    loadDigest: () => Promise.resolve((text: string) => createHash('sha256').update(text).digest('hex')),
    openKafka: () => Promise.resolve(kafka.admin(around)),
    openJournal: ({ where }: { where: string }) =>
      Promise.resolve({
        place: where,
        read: () => Promise.resolve(disk.files.get(where)),
        write: (text: string) =>
          new Promise<void>((done) => {
            around();
            disk.files.set(where, text);
            around();
            done();
          }),
        close: () => Promise.resolve(),
      }),
  } as unknown as World;
  const status = await run(verb, flags, world).catch((error: unknown) => error);
  const message = status instanceof Error ? status.message : '';
  const outcome = { message, printed, warned, json, calls };
  if (status instanceof Killed) return { status: 'killed', ...outcome };
  if (status instanceof BarnabasError) return { status: status.exitStatus, ...outcome };
  if (typeof status !== 'number') throw status;
  return { status, ...outcome };
}

function run(verb: Verb, flags: Readonly<Record<string, unknown>>, world: World): Promise<number> {
  const withSettings = <Name extends SettingName>(
    names: readonly Name[],
    command: (settings: Settings<Name>, given: Given) => Promise<number>,
  ): Promise<number> => {
    const source = { flags: { bootstrap: 'b:9092', ...flags }, environment: {} };
    const { settings, problems } = readSettings(names, source);
    return command(settings, { world, problems });
  };
  switch (verb) {
    case 'plan':
      return withSettings(recoverPlanSettings, recoverPlanCommand);
    case 'apply':
      return withSettings(recoverApplySettings, recoverApplyCommand);
    case 'resume':
      return withSettings(recoverResumeSettings, recoverResumeCommand);
    case 'abort':
      return withSettings(recoverAbortSettings, recoverAbortCommand);
    case 'status':
      return withSettings(recoverStatusSettings, recoverStatusCommand);
  }
}
