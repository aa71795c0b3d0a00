/** The two ways it goes wrong without Barnabas, on the same cluster, right after the demo. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { underReplicated } from './cluster/brokers.ts';
import { brokerCommand } from './cluster/jars.ts';
import type { Pod } from './cluster/pod.ts';
import { waitFor } from './cluster/wait.ts';
import { seeCluster, type Sight, type Stage } from './stage.ts';

export interface Comparison {
  /** The same broker.id started again by hand at once: how long until it died, and of what; null if it lived. */
  readonly sameId: { readonly diedAfterMs: number; readonly because: string } | null;
  /** An auto-generated id for the replacement: what it became, and what stayed without all its replicas. */
  readonly autoId: { readonly becameId: number; readonly underReplicated: number; readonly partitions: number };
}

export interface CompareOrder {
  readonly stage: Stage;
  readonly sight: Sight;
  readonly victim: Pod;
  readonly tell: (what: string) => void;
}

export async function compare({ stage, sight, victim, tell }: CompareOrder): Promise<Comparison> {
  const id = victim.brokerId() ?? -1;
  await victim.kill();
  tell(`without Barnabas: killed broker ${id}, and started it again by hand with its own broker.id`);
  const again = startBare(stage, { name: 'same-id', properties: sameProperties(stage, victim) });
  const died = await again.ended(sight.deadlineMs);
  const sameId = died && { diedAfterMs: died.afterMs, because: died.because };
  tell(sameId ? `it died after ${(sameId.diedAfterMs / 1000).toFixed(1)} s: ${sameId.because}` : 'it lived');
  await again.kill();

  tell('without Barnabas: started a replacement with an auto-generated id and an empty directory');
  const auto = startBare(stage, { name: 'auto-id', properties: autoProperties(stage) });
  const becameId = await auto.startedAs(sight.deadlineMs);
  tell(`it became broker ${becameId}, a fourth one`);
  const view = await seeCluster(
    sight,
    'the fourth broker',
    ({ brokers }) => brokers.includes(becameId) && !brokers.includes(id),
  );
  const missing = underReplicated(view);
  tell(`${missing} of ${view.partitions.length} partitions stay under-replicated: nothing brings replicas to it`);
  return { sameId: sameId ?? null, autoId: { becameId, underReplicated: missing, partitions: view.partitions.length } };
}

type Properties = Readonly<Record<string, string>>;

/** What Barnabas had written for the dead pod: the same id, log dir and ZooKeeper, on a new address. */
function sameProperties(stage: Stage, victim: Pod): Properties {
  const text = readFileSync(join(stage.directory, `${victim.name}.properties`), 'utf8');
  const lines = text.split('\n').filter((line) => line.includes('=') && !line.startsWith('#'));
  const ip = stage.nextAddress();
  return {
    ...Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string])),
    ...at(ip),
  };
}

function autoProperties(stage: Stage): Properties {
  const directory = join(stage.directory, 'auto-id-data');
  mkdirSync(directory);
  return {
    'broker.id': '-1',
    'broker.id.generation.enable': 'true',
    'log.dirs': directory,
    'zookeeper.connect': stage.zookeeper.connect,
    ...at(stage.nextAddress()),
  };
}

const at = (ip: string): Properties => ({
  listeners: `PLAINTEXT://${ip}:9092`,
  'advertised.listeners': `PLAINTEXT://${ip}:9092`,
});

interface BareOrder {
  readonly name: string;
  readonly properties: Properties;
}

interface BareBroker {
  /** Undefined if it lives past the deadline, or comes up. */
  ended(deadlineMs: number): Promise<{ readonly afterMs: number; readonly because: string } | undefined>;
  startedAs(deadlineMs: number): Promise<number>;
  kill(): Promise<void>;
}

/** A broker as anyone starts one. Its end is the stage's. */
function startBare(stage: Stage, { name, properties }: BareOrder): BareBroker {
  const config = join(stage.directory, `${name}.properties`);
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}`);
  writeFileSync(config, `${lines.join('\n')}\n`);
  const [file = '', ...words] = brokerCommand(stage.jars).map((word) => (word === '{config}' ? config : word));
  const fromMs = performance.now();
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let endMs: number | undefined;
  const end = new Promise<void>((resolve) => {
    child.once('exit', () => {
      endMs = performance.now();
      resolve();
    });
  });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await end;
  };
  stage.own(kill);
  const started = (): number | undefined => {
    const match = /\[KafkaServer id=(\d+)\] started/.exec(output);
    return match ? Number(match[1]) : undefined;
  };
  return {
    kill,
    async ended(deadlineMs) {
      const over = () => endMs !== undefined || started() !== undefined || undefined;
      await waitFor(over, { for: `${name} to start or to die`, deadlineMs });
      if (endMs === undefined) return undefined;
      return { afterMs: endMs - fromMs, because: /\S*(NodeExists\w*|Exception)\b.*/.exec(output)?.[0] ?? 'unknown' };
    },
    startedAs: (deadlineMs) => waitFor(started, { for: `${name} to start`, deadlineMs }),
  };
}
