/** One look at a whole cluster. What is wrong with one partition or one topic fails nothing. */
import type { BrokerView, KafkaView, PartitionView } from '../domain/kafka-view.ts';
import { BarnabasError } from '../errors.ts';
import { isKraft, type Brokers } from './brokers.ts';
import type { Link } from './link.ts';
import type { Minima } from './minima.ts';
import { describeCluster } from './protocol/describe-cluster.ts';
import { describeConfigs } from './protocol/describe-configs.ts';
import { nameOfError } from './protocol/errors.ts';
import type { MetadataTopic } from './protocol/metadata.ts';

/** By topic and partition, the replicas in their order: the first is the preferred leader. */
export type Assignments = ReadonlyMap<string, ReadonlyMap<number, readonly number[]>>;

/** What the brokers' metadata lack. */
export interface Lacking {
  /** What earlier looks have learnt. */
  readonly minima: Minima;
  /**
   * Asked where brokers tell replicas in no order, as they did before Kafka 0.11 (they kept a set: the field `replicas` of
   * PartitionState in UpdateMetadataRequest).
   */
  readonly assignments: (topics: readonly string[]) => Promise<Assignments>;
}

export async function lookAtKafka(brokers: Brokers, { minima, assignments }: Lacking): Promise<KafkaView> {
  const { answer, link } = await brokers.metadata(null);
  if (answer.error !== 0) {
    throw new BarnabasError('kafka-failed', `cannot look at the cluster: ${nameOfError(answer.error)}`);
  }
  const live = answer.brokers.map((broker): BrokerView => ({ ...broker, fenced: false }));
  const topics = answer.topics.map(({ name }) => name);
  // Requests for configs came with the version that keeps the order.
  const isOrdered = link.supports(describeConfigs);
  const [fenced, minIsr, order] = await Promise.all([
    fencedBrokers(brokers, link),
    minima.read(topics, { brokers, link }),
    isOrdered ? (new Map() as Assignments) : assignments(topics),
  ]);
  const ids = live.map(({ id }) => id);
  return {
    clusterId: answer.clusterId,
    brokers: ids.sort((a, b) => a - b),
    known: [...live, ...fenced.filter(({ id }) => !ids.includes(id))].sort((a, b) => a.id - b.id),
    // In KRaft it is a broker that is as good as any other: whoever is asked passes requests on.
    controller: isKraft(link) || answer.controllerId < 0 ? null : answer.controllerId,
    partitions: answer.topics
      .flatMap((topic) => partitionsOf(topic, minIsr.get(topic.name) ?? 1))
      .map((one) => inOrder(one, order.get(one.topic)?.get(one.partition)))
      .sort(byName),
  };
}

const inOrder = (view: PartitionView, replicas: readonly number[] | undefined): PartitionView =>
  replicas === undefined ? view : { ...view, replicas };

const partitionsOf = ({ name, topicId, partitions }: MetadataTopic, minIsr: number): PartitionView[] =>
  partitions.map(({ partition, leader, replicas, isr }) => ({
    ...{ topic: name, partition, leader, replicas, isr, minIsr, topicId },
  }));

const byName = (a: PartitionView, b: PartitionView): number =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1;

async function fencedBrokers(brokers: Brokers, link: Link): Promise<readonly BrokerView[]> {
  if (!isKraft(link) || !link.supports(describeCluster)) return [];
  const { error, brokers: all } = await brokers.askOf(link, { api: describeCluster, request: null });
  return error === 0 ? all.filter(({ fenced }) => fenced) : [];
}
