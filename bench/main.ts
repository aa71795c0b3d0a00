/**
 * `npm run bench`: the figures that the project promises, measured on this machine. A figure above its limit is shown,
 * and is no failure: machines differ, and what counts are ratios within one run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchClaim } from './claim.ts';
import { benchCrowd } from './crowd.ts';
import { benchFailover } from './failover.ts';
import { benchKafka } from './kafka.ts';
import { benchRecover } from './recover.ts';
import { formatResult, isWithin, type Result } from './report.ts';

const usage = `Usage: npm run bench -- [--only claim|crowd|failover|kafka|recover] [--json]

  claim      one cold claim beside \`node -e 0\` and the approach of 2017, on 3 and on 1,000 log dirs
  crowd      100 agents at once on an empty volume
  failover   kill -9 of a real cluster's controller, with fast failover and waiting for the session
  kafka      elect and status beside Kafka's own kafka-leader-election and kafka-topics, on 10,000 partitions
  recover    the plan of a recovery of 5,000 partitions, and whether its caps are held
  --json     one array on stdout; progress goes to stderr`;

const say = (what: string): void => console.error(what);

async function measure(only: string | undefined, signal: AbortSignal): Promise<Result[]> {
  const directory = mkdtempSync(join(tmpdir(), 'barnabas-bench-'));
  const benches: Readonly<Record<string, () => Promise<Result>>> = {
    claim: () => benchClaim(directory),
    crowd: () => benchCrowd(directory),
    failover: () => benchFailover(say, signal),
    kafka: () => benchKafka(say, signal),
    recover: () => benchRecover(say, signal),
  };
  const results: Result[] = [];
  try {
    for (const [name, bench] of Object.entries(benches)) {
      if (only !== undefined && only !== name) continue;
      signal.throwIfAborted();
      say(`measuring: ${name}`);
      results.push(await bench());
    }
    return results;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function readOptions() {
  const options = {
    only: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const { values } = parseArgs({ options });
  if (values.only !== undefined && !['claim', 'crowd', 'failover', 'kafka', 'recover'].includes(values.only)) {
    throw new Error(`--only ${values.only}: there is no such benchmark`);
  }
  return values;
}

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (options.help === true) {
    console.log(usage);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  try {
    const results = await measure(options.only, stop.signal);
    if (options.json === true) console.log(JSON.stringify(results, null, 2));
    else for (const result of results) console.log(formatResult(result));
    const above = results.flatMap(({ findings }) => findings).filter((finding) => !isWithin(finding));
    if (above.length > 0) say(`\nabove the limit: ${above.map(({ what }) => what).join('; ')}`);
    return 0;
  } catch (error) {
    say(stop.signal.aborted ? 'interrupted' : `the benchmark failed: ${String(error)}`);
    return stop.signal.aborted ? 130 : 1;
  }
}

process.exitCode = await main();
