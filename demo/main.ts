/**
 * `npm run demo`: three brokers of a real Kafka on one shared directory, one of them killed, and a nameless replacement
 * that gets its id and its data back. Exit status 0 only if everything that it promises was seen.
 */
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { underReplicated, type ClusterView } from './cluster/brokers.ts';
import type { Pod } from './cluster/pod.ts';
import { compare, type Comparison } from './compare.ts';
import { failOver, type FailoverSeen } from './failover.ts';
import { startLoad, type Load } from './load.ts';
import { brokerStarted, seeCluster, setStage, type Sight, type Stage } from './stage.ts';
import { allHold, judge, type Facts, type Finding, type LoadCounts } from './verdict.ts';
import { openView, seconds, type View } from './view.ts';

const usage = `Usage: npm run demo -- [--compare] [--json]

Three brokers as three pods on one shared directory, with ZooKeeper; a topic of 60 partitions × 3 replicas under load;
one broker killed with SIGKILL, wrapper and all; a nameless replacement. Takes about a minute.

  --compare   afterwards show the two ways it goes wrong without Barnabas
  --json      one object on stdout; the steps go to stderr
  --help      this text

Exit status: 0 all promises held · 1 one did not, or the demo failed · 2 usage · 130 interrupted`;

const brokers = 3;
const topic = 'orders';
const partitions = 60;
const deadlineMs = 60_000;
/** Load before the kill and after the recovery, to have something to lose. */
const messagesAround = 3000;

interface Options {
  readonly compare: boolean;
  readonly json: boolean;
}

interface Report {
  readonly facts: Facts;
  readonly findings: readonly Finding[];
  readonly comparison: Comparison | undefined;
}

async function play(options: Options, view: View, signal: AbortSignal): Promise<Report> {
  view.step('starting ZooKeeper');
  const stage = await setStage({ brokers, signal });
  const live = new AbortController();
  try {
    const firstPods = await startCluster(stage, view, signal);
    const client = stage.connect();
    stage.own(() => client.close());
    const sight: Sight = { client, topic, deadlineMs, signal };
    await client.createTopic({ topic, numPartitions: partitions, replicationFactor: brokers });
    const { controller } = await seeCluster(sight, 'all replicas of the new topic', isWhole);
    view.step(`topic ${topic}: ${partitions} partitions × ${brokers} replicas, all in sync`);
    const load = await startLoad({ kafka: client.kafka, topic, partitions });
    stage.own(() => load.close());
    const showing = keepShowing({ stage, sight, load, view }, live.signal);
    await moreMessages(load, signal);
    view.step(`load: ${load.counts().acknowledged} messages acknowledged so far (acks=all)`);

    const logDirsBefore = stage.logDirs();
    // The worst one to lose: it leads a third of the partitions, and is the controller.
    const victim = podOf(firstPods, controller);
    view.step(`broker ${controller} is the controller: that is the one to lose`);
    const replace = (): Pod => stage.startPod();
    const failover = await failOver({ victim, sight, brokers, replace, tell: view.step });
    await moreMessages(load, signal);
    const counts = await load.settle(30_000);
    const end = await client.look(topic);
    live.abort();
    await showing;
    const facts = collectFacts(stage, { failover, logDirsBefore, counts, end });
    view.step('stopped the load, and compared what was acknowledged with what was consumed');
    const others = stage.pods.filter((pod) => !pod.end() && pod !== failover.replacement);
    const order = { stage, sight, victim: podOf(others, others[0]?.brokerId() ?? -1), tell: view.step };
    const comparison = options.compare ? await compare(order) : undefined;
    return { facts, findings: judge(facts), comparison };
  } finally {
    live.abort();
    view.close();
    await stage.clear();
  }
}

async function startCluster(stage: Stage, view: View, signal: AbortSignal): Promise<Pod[]> {
  const pods = Array.from({ length: brokers }, () => stage.startPod());
  view.step(`started ${pods.map(({ name }) => name).join(', ')} at once on an empty volume`);
  const ready = async (pod: Pod): Promise<void> => {
    await pod.wrote(brokerStarted, deadlineMs, signal);
    view.step(`${pod.name} is broker ${pod.brokerId() ?? '?'}`);
  };
  await Promise.all(pods.map(ready));
  return pods;
}

function podOf(pods: readonly Pod[], brokerId: number): Pod {
  const pod = pods.find((one) => one.brokerId() === brokerId);
  if (!pod) throw new Error(`no pod of broker ${brokerId}`);
  return pod;
}

const isWhole = (now: ClusterView): boolean =>
  now.brokers.length === brokers && now.partitions.length === partitions && underReplicated(now) === 0;

async function moreMessages(load: Load, signal: AbortSignal): Promise<void> {
  const wanted = load.counts().acknowledged + messagesAround;
  const until = performance.now() + deadlineMs;
  while (load.counts().acknowledged < wanted && performance.now() < until) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Seen {
  readonly failover: FailoverSeen;
  readonly logDirsBefore: readonly string[];
  readonly counts: LoadCounts;
  readonly end: ClusterView | undefined;
}

function collectFacts(stage: Stage, { failover, logDirsBefore, counts, end }: Seen): Facts {
  const { killedId, replacementId, claimedMs, leadersMovedMs, registeredMs, isrFullMs } = failover;
  const ended = stage.pods.filter((pod) => pod.end() && pod.brokerId() !== undefined && !pod.killed());
  return {
    failover: { killedId, replacementId, claimedMs, leadersMovedMs, registeredMs, isrFullMs },
    logDirsBefore,
    logDirsAfter: stage.logDirs(),
    underReplicatedAtEnd: end ? underReplicated(end) : -1,
    partitions: end?.partitions.length ?? 0,
    crashedStarts: ended.map((pod) => `${pod.name} ended with ${pod.end()?.status ?? '?'}`),
    load: counts,
  };
}

interface Showing {
  readonly stage: Stage;
  readonly sight: Sight;
  readonly load: Load;
  readonly view: View;
}

const head = ['POD', 'ADDRESS', 'BROKER', 'STATE', 'LEADS', 'IN SYNC'];

/** The table that changes, until told to stop. */
async function keepShowing({ stage, sight, load, view }: Showing, signal: AbortSignal): Promise<void> {
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    const now = await sight.client.look(sight.topic);
    if (now && !isOver()) view.live(head, rowsOf(stage, now, load.counts()));
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

function rowsOf(stage: Stage, now: ClusterView, counts: LoadCounts): string[][] {
  const rows = stage.pods.map((pod) => {
    const id = pod.brokerId();
    const alive = !pod.end();
    const mine = (ids: readonly number[]): boolean => alive && id !== undefined && ids.includes(id);
    const leads = now.partitions.filter(({ leader }) => mine([leader])).length;
    const inSync = now.partitions.filter(({ isr }) => mine(isr)).length;
    const state = !alive ? 'dead' : mine(now.brokers) && brokerStarted.test(pod.output()) ? 'serving' : 'starting';
    return [
      pod.name,
      pod.ip,
      id === undefined ? '-' : String(id),
      state,
      String(leads),
      `${inSync}/${now.partitions.length}`,
    ];
  });
  const messages = `${counts.acknowledged} acknowledged, ${counts.consumed} consumed`;
  return [...rows, ['', '', '', '', '', ''], ['messages', messages, '', '', '', '']];
}

function report({ facts, findings, comparison }: Report, view: View, colored: boolean): void {
  const colors = pc.createColors(colored);
  const mark = (holds: boolean): string => (holds ? colors.green('yes') : colors.red('NO'));
  const { failover, load } = facts;
  view.table(
    ['AFTER THE KILL', 'WITH BARNABAS', ...(comparison ? ['SAME ID BY HAND', 'AUTO-GENERATED ID'] : [])],
    [
      [
        'broker id',
        `${failover.replacementId ?? '-'} (was ${failover.killedId})`,
        'the same',
        String(comparison?.autoId.becameId),
      ],
      [
        'first start',
        seconds(failover.registeredMs),
        comparison?.sameId ? `died after ${seconds(comparison.sameId.diedAfterMs)}` : 'lived',
        'a fourth broker',
      ],
      ['id claimed', seconds(failover.claimedMs), '-', '-'],
      ['every partition led', seconds(failover.leadersMovedMs), '-', '-'],
      [
        'all replicas in sync',
        seconds(failover.isrFullMs),
        '-',
        `${comparison?.autoId.underReplicated ?? '-'} partitions under-replicated`,
      ],
      ['longest time without an acknowledged message', seconds(load.longestStallMs), '-', '-'],
    ].map((row) => row.slice(0, comparison ? 4 : 2)),
  );
  view.table(
    ['PROMISE', 'HELD', 'SEEN'],
    findings.map(({ what, holds, detail }) => [what, mark(holds), detail]),
  );
}

function readOptions(): Options | 'help' {
  const options = {
    compare: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const { values } = parseArgs({ options });
  return values.help ? 'help' : { compare: values.compare ?? false, json: values.json ?? false };
}

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (options === 'help') {
    console.log(usage);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const stream = options.json ? process.stderr : process.stdout;
  const view = openView({ stream, startMs: performance.now() });
  try {
    const seen = await play(options, view, stop.signal);
    report(seen, view, stream.isTTY && process.env['NO_COLOR'] === undefined);
    const ok = allHold(seen.findings);
    view.step(ok ? 'every promise held' : 'a promise was broken: see above');
    if (options.json) console.log(JSON.stringify({ ok, ...seen }, null, 2));
    return ok ? 0 : 1;
  } catch (error) {
    if (stop.signal.aborted) {
      view.print('interrupted; everything was stopped and removed');
      return 130;
    }
    view.print(`the demo failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

process.exitCode = await main();
