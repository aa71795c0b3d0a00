/** Three brokers as pods on one volume, with ZooKeeper, and a topic on all of them. */
import type { ClusterClient } from '../../../demo/cluster/brokers.ts';
import { brokerStarted, setStage, type Stage } from '../../../demo/stage.ts';

const startMs = 60_000;

export interface ThreePods {
  readonly stage: Stage;
  readonly client: ClusterClient;
}

/** Three replicas of each of twelve partitions. On failure nothing is left behind. */
export async function startThreePods(topic: string): Promise<ThreePods> {
  const stage = await setStage({ brokers: 3, environment: { KAFKA_ZOOKEEPER_SESSION_TIMEOUT_MS: '6000' } });
  try {
    const pods = Array.from({ length: 3 }, () => stage.startPod());
    await Promise.all(pods.map((pod) => pod.wrote(brokerStarted, startMs)));
    const client = stage.connect();
    stage.own(() => client.close());
    await client.createTopic({ topic, numPartitions: 12, replicationFactor: 3 });
    return { stage, client };
  } catch (error) {
    await stage.clear();
    throw error;
  }
}
