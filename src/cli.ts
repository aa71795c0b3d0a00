/** Arguments and environment in, exit status out. yargs lives only here, and so does the one top-level catch. */
import { constants } from 'node:os';
import yargs, { type Argv } from 'yargs';
import { BarnabasError, exitStatus } from './errors.ts';
import type { World } from './ports.ts';
import { flagOf, readSettings, settingsTable, type SettingName, type Settings } from './settings.ts';
import { claimSettings, releaseSettings, runSettings, statusSettings } from './command-settings.ts';

declare const BARNABAS_VERSION: string;

const epilogue = `Every flag --some-thing has the variable BARNABAS_SOME_THING; the flag wins. KAFKA_… variables go into server.properties.

Exit status: 0 done · 1 failed, a retry may help · 2 usage or settings · 3 refused to protect data, a person must decide
· 4 the deadline passed while waiting · of run: the broker's own`;

interface Arguments {
  readonly [name: string]: unknown;
}

async function main(): Promise<number> {
  let status: number = exitStatus.done;
  /** Reads a command's settings, wires the world, and runs it. */
  const command =
    <Name extends SettingName>(names: readonly Name[], run: Run<Name>) =>
    async (given: Arguments): Promise<void> => {
      status = await execute(names, given, run);
    };

  await yargs(process.argv.slice(2))
    .scriptName('barnabas')
    .usage('$0 <command>\n\nStable identities for Kafka brokers: every broker gets its id and its data back.')
    .locale('en')
    .parserConfiguration({ 'populate--': true, 'parse-numbers': false, 'duplicate-arguments-array': true })
    .command(
      'claim',
      'claim a broker id, write server.properties, exit (init container)',
      options(claimSettings),
      command(claimSettings, async (settings, world) =>
        (await import('./commands/claim.ts')).claimCommand(settings, world),
      ),
    )
    .command(
      'run',
      'claim a broker id, start the broker, guard it, release the id (wrapper)',
      (y) =>
        options(runSettings)(y).usage(
          '$0 run --volume DIR [options] -- COMMAND…\n\nIn COMMAND, {config} is the server.properties that was written, and {id} the broker id.',
        ),
      command(runSettings, async (settings, world, given) =>
        (await import('./commands/run.ts')).runCommand({ settings, command: wordsAfterDashes(given) }, world),
      ),
    )
    .command(
      'release <id>',
      "end a dead holder's claim by hand, on evidence or on your word",
      (y) =>
        options(releaseSettings)(y).positional('id', { type: 'string', describe: 'the broker id', demandOption: true }),
      command(releaseSettings, async (settings, world, given) =>
        (await import('./commands/release.ts')).releaseCommand(
          { settings, brokerId: readBrokerId(given['id']) },
          world,
        ),
      ),
    )
    .command(
      'status',
      'show every id, its log dir, its holder, and whether that lives',
      options(statusSettings),
      command(statusSettings, async (settings, world) =>
        (await import('./commands/status.ts')).statusCommand(settings, world),
      ),
    )
    .completion('completion', 'print a completion script for bash or zsh')
    .demandCommand(1, 'which command?')
    .strict()
    .help()
    .alias('help', 'h')
    .version(BARNABAS_VERSION)
    .wrap(process.stdout.isTTY ? Math.min(120, process.stdout.columns) : 100)
    .epilogue(epilogue)
    .exitProcess(false)
    .fail((message, error: Error | undefined) => {
      throw (
        error ??
        new BarnabasError(
          'usage',
          `${message}\n\`barnabas --help\` lists the commands, \`barnabas COMMAND --help\` their flags`,
        )
      );
    })
    .parseAsync();
  return status;
}

type Run<Name extends SettingName> = (settings: Settings<Name>, world: World, given: Arguments) => Promise<number>;

async function execute<Name extends SettingName>(
  names: readonly Name[],
  given: Arguments,
  run: Run<Name>,
): Promise<number> {
  const read = readSettings(names, { flags: given, environment: process.env });
  if (!read.ok) {
    throw new BarnabasError(
      'settings-invalid',
      `cannot start with these settings:${read.problems.map((p) => `\n  - ${p}`).join('')}`,
    );
  }
  const { wire, guardScriptBeside } = await import('./wire.ts');
  const logFormat = (read.settings as Partial<Settings<'logFormat'>>).logFormat ?? 'text';
  const { world, close } = wire({ logFormat, guardScript: guardScriptBeside(__dirname) });
  try {
    return await run(read.settings, world, given);
  } catch (error) {
    if (world.signal.aborted) interruptedBy = world.signal.reason as NodeJS.Signals;
    throw error;
  } finally {
    close();
  }
}

/** What told the program to stop before it was done, for the exit status. */
let interruptedBy: NodeJS.Signals | undefined;

const options =
  (names: readonly SettingName[]) =>
  (y: Argv): Argv => {
    for (const name of names) {
      const setting = settingsTable[name];
      const isSwitch = setting.placeholder === undefined;
      const fallback = 'fallbackText' in setting ? setting.fallbackText : setting.fallback;
      const note = fallback === undefined || fallback === false ? '' : ` [default: ${String(fallback)}]`;
      y.option(flagOf(name).slice(2), {
        type: isSwitch ? 'boolean' : 'string',
        requiresArg: !isSwitch,
        describe: `${setting.placeholder === undefined ? '' : `${setting.placeholder}: `}${setting.help}${note}`,
      });
    }
    return y;
  };

function wordsAfterDashes(given: Arguments): string[] {
  const words = given['--'];
  return Array.isArray(words) ? words.map(String) : [];
}

function readBrokerId(given: unknown): number {
  const id = String(given);
  if (!/^\d{1,10}$/.test(id)) throw new BarnabasError('usage', `"${id}" is no broker id`);
  return Number(id);
}

function report(error: unknown): number {
  if (!(error instanceof BarnabasError)) {
    process.stderr.write(
      `barnabas: internal error, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return exitStatus.failed;
  }
  process.stderr.write(`barnabas: ${error.message}\n`);
  return interruptedBy === undefined ? error.exitStatus : 128 + constants.signals[interruptedBy];
}

main().then(
  (status) => (process.exitCode = status),
  (error: unknown) => (process.exitCode = report(error)),
);
