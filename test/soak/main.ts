/**
 * `npm run test:soak`: what takes long. A thousand claims of a hundred agents under blows; every fault at every system
 * call of a claim; the explorer with more going wrong. Prints its seed and its figures.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { explore } from '../explorer/explore.ts';
import { longScenarios, scenarios, setOut } from '../explorer/scenarios.ts';
import { faults, findCalls, fits, tryFault } from '../faults/matrix.ts';
import { soak } from './soak.ts';

const parts = ['soak', 'faults', 'explorer'] as const;
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [...parts] },
    claims: { type: 'string', default: '1000' },
    agents: { type: 'string', default: '100' },
    ids: { type: 'string', default: '40' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    summary: { type: 'string' },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const count = { passed: 0, failed: 0 };

function judge(name: string, wrong: readonly string[]): void {
  count[wrong.length === 0 ? 'passed' : 'failed'] += 1;
  for (const line of wrong) say(`  WRONG ${line}`);
  say(`${wrong.length === 0 ? '✔' : '✘'} ${name}`);
}

async function playSoak(signal: AbortSignal): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'soak-'));
  try {
    const seed = Number(values.seed);
    say(`soak: seed ${seed} (with --seed ${seed} the same blows are struck)`);
    const order = { agents: Number(values.agents), ids: Number(values.ids), claims: Number(values.claims), seed };
    const seen = await soak({ ...order, directory, deadlineMs: 30 * 60_000, signal, tell: (text) => say(`  ${text}`) });
    const blows = Object.entries(seen.blows).map(([blow, number]) => `${number} ${blow}`);
    say(`  ${seen.claims} claims of ${seen.idsSeen} ids in ${seen.seconds.toFixed(0)} s; ${blows.join(', ')}`);
    const lost = seen.idsSeen < order.ids ? [`only ${seen.idsSeen} of ${order.ids} ids had a broker`] : [];
    judge(`soak: ${seen.overlaps.length} overlaps in ${seen.claims} claims`, [...seen.overlaps, ...lost]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function tryFaults(signal: AbortSignal): Promise<void> {
  const calls = await findCalls();
  say(`faults: ${calls.length} calls on the volume × ${faults.length} faults`);
  for (const fault of faults) {
    const wrong: string[] = [];
    let survived = 0;
    const fitting = calls.filter((call) => fits(call, fault));
    for (const call of fitting) {
      signal.throwIfAborted();
      const trial = await tryFault(call, fault);
      if (trial.met.startsWith('id ')) survived += 1;
      if (trial.wrong !== undefined) wrong.push(`${fault} at ${call.text}: ${trial.met}: ${trial.wrong}`);
    }
    judge(
      `${fault} at each of ${fitting.length} calls: 0 double holders, 0 ids lost; the agent claimed all the same at ${survived}`,
      wrong,
    );
  }
}

function exploreAll(): void {
  for (const scenario of [...scenarios, ...longScenarios]) {
    const startedMs = performance.now();
    const { states, steps, rescued, violation } = explore(setOut(scenario));
    const figures = `${states} states, ${steps} steps, ${rescued} volumes, ${((performance.now() - startedMs) / 1000).toFixed(0)} s`;
    judge(`${scenario.name}: ${figures}`, violation ? [violation.why, ...violation.schedule] : []);
  }
}

/** Told to stop it takes its agents and its directory with it. The explorer has neither, and can be ended at any time. */
const stoppable = (part: (signal: AbortSignal) => Promise<void>) => async (): Promise<void> => {
  const stopped = new AbortController();
  const stop = (signal: string): void => stopped.abort(new Error(`ended by ${signal}`));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  try {
    await part(stopped.signal);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, stop);
  }
};

const all: Readonly<Record<string, () => Promise<void> | void>> = {
  soak: stoppable(playSoak),
  faults: stoppable(tryFaults),
  explorer: exploreAll,
};
const unknown = values.only.filter((name) => all[name] === undefined);
if (unknown.length > 0) {
  say(`--only ${unknown.join(' ')}: there are ${parts.join(', ')}`);
  process.exitCode = 2;
} else {
  for (const name of values.only) await all[name]?.();
  say(`${count.passed} passed, ${count.failed} failed`);
  if (values.summary !== undefined) writeFileSync(values.summary, `${count.passed} ${count.failed}\n`);
  process.exitCode = count.failed > 0 ? 1 : 0;
}
