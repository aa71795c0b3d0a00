/** How fast a cluster recovers from kill -9 of its controller: with fast failover, and waiting for the session. */
import { underReplicated } from '../demo/cluster/brokers.ts';
import type { Pod } from '../demo/cluster/pod.ts';
import { failOver, type FailoverSeen } from '../demo/failover.ts';
import { brokerStarted, seeCluster, setStage, type Sight, type Stage } from '../demo/stage.ts';
import type { Result } from './report.ts';

const brokers = 3;
const partitions = 60;
const topic = 'orders';
const deadlineMs = 90_000;

export async function benchFailover(say: (what: string) => void, signal: AbortSignal): Promise<Result> {
  const stage = await setStage({ brokers, signal });
  try {
    const pods = Array.from({ length: brokers }, () => stage.startPod());
    await Promise.all(pods.map((pod) => pod.wrote(brokerStarted, deadlineMs, signal)));
    const client = stage.connect();
    stage.own(() => client.close());
    await client.createTopic({ topic, numPartitions: partitions, replicationFactor: brokers });
    const sight: Sight = { client, topic, deadlineMs, signal };
    const runs: { fast: FailoverSeen; waiting: FailoverSeen }[] = [];
    for (let round = 1; round <= 2; round += 1) {
      say(`round ${round}: kill -9 of the controller, with fast failover`);
      const fast = await killController(stage, sight, []);
      say(`round ${round}: the same, waiting for the session`);
      runs.push({ fast, waiting: await killController(stage, sight, ['--no-fast-failover']) });
    }
    return summarise(runs);
  } finally {
    await stage.clear();
  }
}

async function killController(stage: Stage, sight: Sight, flags: readonly string[]): Promise<FailoverSeen> {
  const { controller } = await seeCluster(
    sight,
    'a whole cluster',
    (view) => view.brokers.length === brokers && view.partitions.length === partitions && underReplicated(view) === 0,
  );
  const victim = stage.pods.find((pod) => !pod.end() && pod.brokerId() === controller);
  if (!victim) throw new Error(`no pod of the controller, broker ${controller}`);
  const replace = (): Pod => stage.startPod(flags);
  return failOver({ victim, sight, brokers, replace, tell: () => undefined });
}

function summarise(runs: readonly { fast: FailoverSeen; waiting: FailoverSeen }[]): Result {
  const show = (ms: number | null): string => (ms === null ? 'not seen' : `${(ms / 1000).toFixed(1)} s`);
  const rows = runs.flatMap(({ fast, waiting }, index) => [
    [`round ${index + 1}: every partition led, fast`, show(fast.leadersMovedMs)],
    [`round ${index + 1}: every partition led, waiting`, show(waiting.leadersMovedMs)],
    [`round ${index + 1}: all in sync, fast`, show(fast.isrFullMs)],
    [`round ${index + 1}: all in sync, waiting`, show(waiting.isrFullMs)],
  ]);
  const worst = (part: 'leadersMovedMs' | 'isrFullMs'): number =>
    Math.max(...runs.map(({ fast, waiting }) => (fast[part] ?? NaN) / (waiting[part] ?? NaN)));
  return {
    title: `kill -9 of the controller, Kafka 3.9.2, ${partitions} partitions × ${brokers}, session of 18 s`,
    rows,
    findings: [
      { what: 'every partition led: fast to waiting, the worse round', value: worst('leadersMovedMs'), limit: 1 / 3 },
      { what: 'all in sync: fast to waiting, the worse round', value: worst('isrFullMs'), limit: 1 / 3 },
    ],
  };
}
