/**
 * The fault matrix: one agent meets a fault at one system call of its claim, then fresh agents come. However that ended,
 * every id has one broker, and no id is lost.
 */
import { linkSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAgent, until, type RunningAgent } from '../support/agent.ts';
import { callsOn, traced, type Call } from './calls.ts';

/** `done already` is a lost reply: the link is made while the agent's own is held up, which then answers EEXIST. */
export const faults = ['SIGKILL', 'EIO', 'ENOSPC', 'EROFS', 'ESTALE', 'EEXIST', 'delay', 'done already'] as const;
export const fits = ({ name }: Call, fault: Fault): boolean => fault !== 'done already' || name === 'link';

export type Fault = (typeof faults)[number];

export interface Trial {
  readonly call: Call;
  readonly fault: Fault;
  /** How it ended for the agent that met the fault: its status, or the id that it got all the same. */
  readonly met: string;
  /** Undefined if all is as it must be. */
  readonly wrong: string | undefined;
}

const ids = 2;
const deadlineMs = 30_000;

interface Stage {
  readonly directory: string;
  readonly volume: string;
}

const howOf: Readonly<Partial<Record<Fault, string>>> = {
  SIGKILL: 'signal=SIGKILL',
  delay: 'delay_enter=300000',
  'done already': 'delay_enter=1000000',
};

const under = (call: Call | undefined, fault: Fault | undefined, log: string): string[] => {
  if (!call || !fault) return ['strace', '-y', '-o', log, '-e', `trace=${traced.map((name) => `?${name}`).join()}`];
  const how = howOf[fault] ?? `error=${fault}`;
  return ['strace', '-o', log, '-e', `trace=${call.name}`, '-e', `inject=${call.name}:${how}:when=${call.ordinal}`];
};

function start({ directory, volume }: Stage, name: string, strace: readonly string[] = []): RunningAgent {
  const words = ['run', '--volume', volume, '--brokers', String(ids), '--wait', '20s'];
  const config = ['--config-out', join(directory, `${name}.properties`)];
  return startAgent([...words, ...config, '--', 'sleep', '1000'], {
    env: { POD_NAME: name, POD_UID: `uid-${name}`, NODE_NAME: 'node-a' },
    under: strace,
  });
}

const started = /started the broker brokerId=(\d+) pid=(\d+)/;

/** Kills the agent and its broker, whatever stands above them. */
async function end(agent: RunningAgent): Promise<void> {
  const pids = [...agent.descendants(), agent.pid, Number(started.exec(agent.stderr())?.[2] ?? 0)];
  for (const pid of pids.filter((one) => one > 0)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  await agent.finished;
}

/** A volume whose id 0 was held by a wrapper that is dead: so a claim does all that a claim can do. */
async function withStage<T>(use: (stage: Stage) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'faults-'));
  const stage = { directory, volume: join(directory, 'volume') };
  mkdirSync(stage.volume);
  try {
    const dead = start(stage, 'dead');
    await dead.logged(started, deadlineMs);
    await end(dead);
    return await use(stage);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Makes the link that an agent is about to make, of the very file that it has written for it. */
async function linkFirst({ volume }: Stage, name: string): Promise<void> {
  const written = (): string | undefined =>
    readdirSync(join(volume, '.barnabas/tmp')).find((file) => {
      const text = readFileSync(join(volume, '.barnabas/tmp', file), 'utf8');
      return text.endsWith('}\n') && text.includes('"kind"') === name.endsWith('.end');
    });
  let file: string | undefined;
  await until(() => (file = written()) !== undefined, `a file to be linked to ${name}`, deadlineMs);
  linkSync(join(volume, '.barnabas/tmp', file ?? ''), join(volume, name));
}

/** All calls on the volume of one claim that meets no fault. */
export const findCalls = (): Promise<Call[]> =>
  withStage(async (stage) => {
    const log = join(stage.directory, 'strace.log');
    const agent = start(stage, 'traced', under(undefined, undefined, log));
    try {
      await agent.logged(started, deadlineMs);
    } finally {
      await end(agent);
    }
    return callsOn(stage.volume, log);
  });

export const tryFault = (call: Call, fault: Fault): Promise<Trial> =>
  withStage(async (stage) => {
    const met = start(stage, 'met', under(call, fault, join(stage.directory, 'strace.log')));
    const all = [met];
    const linked = fault === 'done already' ? linkFirst(stage, call.path) : Promise.resolve();
    try {
      const hasStarted = until(() => started.test(met.stderr()), 'the agent to claim', deadlineMs).then(() => false);
      const hasEnded = await Promise.race([met.finished.then(() => true), hasStarted]);
      hasStarted.catch(() => undefined);
      const mine = hasEnded ? undefined : started.exec(met.stderr())?.[1];
      const status = hasEnded ? `status ${(await met.finished).status}` : `id ${mine}`;
      await linked;
      const fresh = Array.from({ length: ids - (mine === undefined ? 0 : 1) }, (_, index) =>
        start(stage, `fresh${index}`),
      );
      all.push(...fresh);
      const got = await Promise.all(fresh.map(async (agent) => (await agent.logged(started, deadlineMs))[1]));
      const owners = [...got, ...(mine === undefined ? [] : [mine])];
      const wrong = new Set(owners).size === ids ? undefined : `ids ${owners.join(', ')} were claimed`;
      return { call, fault, met: status, wrong };
    } catch (error) {
      return { call, fault, met: met.stderr(), wrong: String(error) };
    } finally {
      await Promise.all(all.map(end));
    }
  });
