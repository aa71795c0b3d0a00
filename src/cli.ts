/** Arguments and environment in, exit status out. yargs lives only here, and so does the one top-level catch. */
import { constants } from 'node:os';
import { basename } from 'node:path';
import yargs, { type Argv } from 'yargs';
import { addRecoverySteps } from './cli-recover.ts';
import {
  claimSettings,
  doctorSettings,
  electSettings,
  keepSettings,
  releaseSettings,
  rollSettings,
  runSettings,
  statusSettings,
  treeSettings,
  whySettings,
} from './command-settings.ts';
import { BarnabasError, exitStatus } from './errors.ts';
import type { Given } from './ports.ts';
import { readSettings } from './read-settings.ts';
import { flagOf, settingsTable, type Setting, type SettingName, type Settings } from './settings.ts';
import { writeLine } from './process/write.ts';

declare const BARNABAS_VERSION: string;

const epilogue = `Every flag --some-thing has the variable BARNABAS_SOME_THING; the flag wins. KAFKA_… variables go into server.properties.

Exit status: 0 done · 1 failed, a retry may help · 2 usage or settings · 3 refused to protect data, a person must decide · 4 the deadline passed while waiting · of run: the broker's own`;

/** What yargs read. */
type Arguments = Readonly<Record<string, unknown>>;

type Run<Name extends SettingName> = (
  settings: Settings<Name>,
  given: Given & { readonly arguments: Arguments },
) => Promise<number>;

/** A command that was chosen and not run yet: yargs is done with before any of it begins. */
type Chosen = () => Promise<number>;

function parse(words: readonly string[]): Chosen {
  let chosen: Chosen = () => Promise.resolve(exitStatus.done);
  const choose =
    <Name extends SettingName>(names: readonly Name[], run: Run<Name>) =>
    (read: Arguments): void => {
      chosen = () => execute(names, read, run);
    };
  void yargs()
    .scriptName(programName())
    .usage('$0 <command>\n\nStable identities for Kafka brokers: every broker gets its id and its data back.')
    .locale('en')
    .parserConfiguration({ 'populate--': true, 'parse-numbers': false, 'parse-positional-numbers': false })
    .command(
      'claim',
      'claim a broker id, write server.properties, exit (init container)',
      (y) => addOptions(y, claimSettings),
      choose(claimSettings, async (settings, given) =>
        (await import('./commands/claim.ts')).claimCommand(settings, given),
      ),
    )
    .command(
      'run',
      'claim a broker id, start the broker, guard it, release the id (wrapper)',
      (y) => addOptions(y, runSettings).usage(runUsage),
      choose(runSettings, async (settings, given) => {
        const { runCommand } = await import('./commands/run.ts');
        return runCommand({ settings, command: wordsAfterDashes(given.arguments) }, given);
      }),
    )
    .command(
      'keep',
      'claim a broker id, let the broker beside it start, guard it, release the id (sidecar)',
      (y) => addOptions(y, keepSettings),
      choose(keepSettings, async (settings, given) =>
        (await import('./commands/keep.ts')).keepCommand(settings, given),
      ),
    )
    .command(
      'release <id>',
      "end a dead holder's claim by hand, on evidence or on your word",
      (y) => addOptions(y, releaseSettings).positional('id', { type: 'string', describe: 'the broker id' }),
      choose(releaseSettings, async (settings, given) => {
        const { releaseCommand } = await import('./commands/release.ts');
        return releaseCommand({ settings, id: String(given.arguments['id']) }, given);
      }),
    )
    .command(
      'status',
      'show every broker id: its log dir on the volume, its holder in Kubernetes, its broker in Kafka, and whether all is well',
      (y) => addOptions(y, statusSettings),
      choose(statusSettings, async (settings, given) =>
        (await import('./commands/status.ts')).statusCommand(settings, given),
      ),
    )
    .command(
      'tree',
      'draw the ReplicaSets, their pods and ids, and what belongs to each',
      (y) => addOptions(y, treeSettings),
      choose(treeSettings, async (settings, given) =>
        (await import('./commands/tree.ts')).treeCommand(settings, given),
      ),
    )
    .command(
      'why <pod-or-id>',
      'tell the story of a pod or a broker id: its claim, its events, its containers, what to do next',
      (y) =>
        addOptions(y, whySettings).positional('pod-or-id', { type: 'string', describe: "a pod's name or a broker id" }),
      choose(whySettings, async (settings, given) => {
        const { whyCommand } = await import('./commands/why.ts');
        return whyCommand({ settings, asked: String(given.arguments['podOrId']) }, given);
      }),
    )
    .command(
      'roll [replicaset]',
      'replace the pods that are not of the current template, one broker at a time, while every replica is in sync',
      (y) => addOptions(y, rollSettings).positional('replicaset', { type: 'string', describe: 'its name' }),
      choose(rollSettings, async (settings, given) => {
        const { rollCommand } = await import('./commands/roll.ts');
        return rollCommand({ settings, asked: given.arguments['replicaset'] as string | undefined }, given);
      }),
    )
    .command(
      'elect',
      'have every partition led by its preferred replica again, once that is in sync',
      (y) => addOptions(y, electSettings),
      choose(electSettings, async (settings, given) =>
        (await import('./commands/elect.ts')).electCommand(settings, given),
      ),
    )
    .command(
      'recover',
      'put another broker in the place of an id that is lost for good, in every replica list',
      (y) => {
        addRecoverySteps((word, describe, { names, run }) => {
          y.command(word, describe, (each) => addOptions(each, names), choose(names, run));
        });
        return y.demandCommand(1, 1, 'which step? plan, apply, resume, abort or status', 'one step at a time');
      },
    )
    .command(
      'doctor',
      'try what a volume really does: locks, link, rename, fsync; a verdict, and how to mend it',
      (y) => addOptions(y, doctorSettings),
      choose(doctorSettings, async (settings, given) =>
        (await import('./commands/doctor.ts')).doctorCommand(settings, given),
      ),
    )
    // The doctor's second process.
    .command('hold-lock <path>', false, {}, (read: Arguments) => {
      chosen = async () => (await import('./wire.ts')).holdLock(String(read['path']));
    })
    .completion('completion', 'print a completion script for bash or zsh')
    .demandCommand(1, 1, 'which command?', 'one command at a time')
    .strict()
    .help()
    .alias('help', 'h')
    .version(BARNABAS_VERSION)
    .wrap(helpIsAsked() ? widthOfHelp() : null)
    .epilogue(helpIsAsked() ? epilogue : '')
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      const name = programName();
      const hint = `\`${name} --help\` lists the commands, \`${name} COMMAND --help\` their flags`;
      const what = /^Not enough non-option/.test(message ?? '') ? whichOne(words) : (message ?? error?.message);
      throw new BarnabasError('usage', `${what ?? 'that can not be read'}\n${hint}`);
    })
    .parse(words);
  return chosen;
}

/** kubectl runs a program `kubectl-barnabas` as `kubectl barnabas`. */
const programName = (): string =>
  basename(process.argv[1] ?? '').startsWith('kubectl-') ? 'kubectl barnabas' : 'barnabas';

const whichOne = (words: readonly string[]): string =>
  words.includes('why') ? 'which pod or broker id?' : 'which broker id?';

/** yargs lays out the help text of whatever it runs, and that takes as long as a claim: only on demand, then. */
const helpIsAsked = (): boolean =>
  process.argv.some((word) => /^(--help|-h|help|--get-yargs-completions)$/.test(word)) || process.argv.length <= 2;

const widthOfHelp = (): number => (process.stdout.isTTY ? Math.min(120, process.stdout.columns) : 100);

const runUsage = `$0 run --volume DIR [options] -- COMMAND…

In COMMAND, {config} is the server.properties that was written, and {id} the broker id.`;

function addOptions(y: Argv, names: readonly SettingName[]): Argv {
  for (const name of names) {
    const setting = settingsTable[name];
    const { short, secret }: Setting<unknown> = setting;
    if (secret) continue;
    const isSwitch = setting.placeholder === undefined;
    const fallback = 'fallbackText' in setting ? setting.fallbackText : setting.fallback;
    const note = fallback === undefined || fallback === false ? '' : ` [default: ${String(fallback)}]`;
    y.option(flagOf(name).slice(2), {
      ...(short !== undefined && { alias: short }),
      type: isSwitch ? 'boolean' : 'string',
      requiresArg: !isSwitch,
      hidden: !helpIsAsked(),
      describe: `${isSwitch ? '' : `${setting.placeholder}: `}${setting.help}${note}`,
    });
  }
  // yargs forgets it for the help of a command.
  return helpIsAsked() ? y.epilogue(epilogue) : y;
}

function wordsAfterDashes(read: Arguments): string[] {
  const words = read['--'];
  return Array.isArray(words) ? words.map(String) : [];
}

/** Reads a command's settings, wires the world, and runs it. A signal that stopped it shows in its exit status. */
async function execute<Name extends SettingName>(
  names: readonly Name[],
  read: Arguments,
  run: Run<Name>,
): Promise<number> {
  const { settings, problems } = readSettings(names, { flags: read, environment: process.env });
  const { wire } = await import('./wire.ts');
  const logFormat = (settings as Partial<Settings<'logFormat'>>).logFormat ?? 'text';
  const { world, close } = wire({
    logFormat,
    program: process.argv[1] ?? '',
    scripts: __dirname,
  });
  try {
    return await run(settings, { arguments: read, world, problems });
  } catch (error) {
    if (!world.signal.aborted) throw error;
    report(error);
    return 128 + constants.signals[world.signal.reason as NodeJS.Signals];
  } finally {
    close();
  }
}

function report(error: unknown): number {
  if (error instanceof BarnabasError) {
    writeLine(2, `${programName()}: ${error.message}`);
    return error.exitStatus;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  writeLine(2, `barnabas: internal error, please report it: ${text}`);
  return exitStatus.failed;
}

async function main(): Promise<number> {
  try {
    return await parse(process.argv.slice(2))();
  } catch (error) {
    return report(error);
  }
}

void main().then((status) => (process.exitCode = status));
