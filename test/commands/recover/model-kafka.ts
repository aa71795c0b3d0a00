/**
 * A Kafka cluster that knows as much of reassignments, throttles and elections as a recovery sees: a cancelled move leaves the
 * target's order, a dead broker can't be added, copies take their time. Every second moves it on.
 */
import {
  nameOf,
  type BrokerLogDir,
  type KafkaView,
  type PartitionView,
  type Reassignment,
} from '../../../src/domain/kafka-view.ts';
import { BarnabasError } from '../../../src/errors.ts';
import type { ConfigChange, ConfigResource, KafkaAdmin, Move, PartitionAnswer } from '../../../src/ports-kafka.ts';

export interface ModelOptions {
  readonly live: readonly number[];
  readonly partitions: readonly PartitionView[];
  readonly bytes?: number;
  /** Of each broker that takes copies, a second. */
  readonly speed?: number;
  readonly configs?: Readonly<Record<string, string>>;
  /** As beside ZooKeeper: brokers hear of one change a second, in order, and show of themselves what they have heard. */
  readonly sluggish?: boolean;
}

const keyOf = (resource: ConfigResource, key: string): string =>
  `${'topic' in resource ? `topic ${resource.topic}` : `broker ${resource.broker}`} ${key}`;

export class ModelKafka {
  live: readonly number[];
  partitions: Map<string, PartitionView>;
  readonly flights = new Map<string, Reassignment & { copied: number }>();
  readonly configs: Map<string, string>;
  /** How often copies were begun, by partition. */
  readonly begun = new Map<string, number>();
  readonly faults: string[] = [];
  mostAtOnce = 0;
  /** Dead, and still taken for live: it is asked in vain. */
  dying: number | undefined;
  /** In KRaft: registered, and dead. */
  fenced: readonly number[] = [];
  clusterId = 'cluster-id';
  readonly bytes: number;
  private readonly speed: number;
  private readonly heard: Map<string, string>;
  private readonly unheard: string[] = [];
  private readonly sluggish: boolean;

  constructor({ live, partitions, bytes = 1000, speed = 1000, configs = {}, sluggish = false }: ModelOptions) {
    this.live = live;
    this.partitions = new Map(partitions.map((partition) => [nameOf(partition), partition]));
    this.configs = new Map(Object.entries(configs));
    this.heard = new Map(this.configs);
    this.sluggish = sluggish;
    this.bytes = bytes;
    this.speed = speed;
  }

  tick(): void {
    this.hear();
    const shares = [...this.flights.values()].filter(({ adding }) => adding.every((id) => this.live.includes(id)));
    for (const flight of shares) {
      flight.copied += this.speed / shares.length;
      if (flight.copied >= this.bytes) this.land(nameOf(flight));
    }
    for (const partition of this.partitions.values()) this.settle(partition);
  }

  private hear(): void {
    const name = this.unheard.shift();
    const value = name === undefined ? undefined : this.configs.get(name);
    if (name === undefined) return;
    if (value === undefined) this.heard.delete(name);
    else this.heard.set(name, value);
  }

  /** What brokers have not heard of yet is heard. */
  hearAll(): void {
    while (this.unheard.length > 0) this.hear();
  }

  /** What brokers go by. */
  get obeyed(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.heard);
  }

  /** Once brokers have heard of it, copies of the partition to the broker are throttled. */
  private isThrottled({ topic, partition }: Move, broker: number): boolean {
    const list = this.heard.get(`topic ${topic} follower.replication.throttled.replicas`) ?? '';
    const isListed = list === '*' || list.split(',').includes(`${partition}:${broker}`);
    return isListed && this.heard.has(`broker ${broker} follower.replication.throttled.rate`);
  }

  private land(name: string): void {
    const flight = this.flights.get(name);
    const partition = this.partitions.get(name);
    if (!flight || !partition) return;
    this.flights.delete(name);
    const replicas = flight.replicas.filter((id) => !flight.removing.includes(id));
    this.settle({ ...partition, replicas, isr: [...partition.isr, ...flight.adding] });
  }

  /** Live replicas that are not being added are in sync. */
  private settle(partition: PartitionView): void {
    const adding = this.flights.get(nameOf(partition))?.adding ?? [];
    const isr = partition.replicas.filter((id) => this.live.includes(id) && !adding.includes(id));
    const leader = isr.includes(partition.leader) ? partition.leader : (isr[0] ?? -1);
    this.partitions.set(nameOf(partition), { ...partition, leader, isr: isr.length > 0 ? isr : partition.isr });
  }

  view(): KafkaView {
    const registered = (id: number) => ({
      id,
      host: `b${id}`,
      port: 9092,
      rack: null,
      fenced: this.fenced.includes(id),
    });
    const known = [...this.live, ...this.fenced].map(registered);
    const partitions = [...this.partitions.values()];
    return { clusterId: this.clusterId, brokers: this.live, known, controller: null, partitions };
  }

  private alter({ topic, partition, replicas: target }: Move): PartitionAnswer {
    const name = nameOf({ topic, partition });
    const now = this.partitions.get(name);
    const answer = (code: number, word: string): PartitionAnswer => ({
      ...{ topic, partition, problem: { code, name: word, message: null } },
    });
    if (!now) return answer(3, 'UNKNOWN_TOPIC_OR_PARTITION');
    const flight = this.flights.get(name);
    const origin = now.replicas.filter((id) => !flight?.adding.includes(id));
    if (target === null) {
      if (!flight) return answer(85, 'NO_REASSIGNMENT_IN_PROGRESS');
      this.flights.delete(name);
      this.settle({ ...now, replicas: origin });
      return { topic, partition, problem: null };
    }
    const adding = target.filter((id) => !origin.includes(id));
    const removing = origin.filter((id) => !target.includes(id));
    if (!adding.every((id) => this.live.includes(id))) return answer(39, 'INVALID_REPLICA_ASSIGNMENT');
    if (adding.length + removing.length === 0) {
      this.flights.delete(name);
      this.settle({ ...now, replicas: target });
      return { topic, partition, problem: null };
    }
    const replicas = [...new Set([...target, ...origin])];
    const free = adding.filter((id) => this.sluggish && !this.isThrottled({ topic, partition, replicas: target }, id));
    if (free.length > 0) this.faults.push(`${name} was copied to ${free.join()} before its throttle was heard of`);
    if (adding.length > 0) this.begun.set(name, (this.begun.get(name) ?? 0) + 1);
    this.flights.set(name, { topic, partition, replicas, adding, removing, copied: 0 });
    this.settle({ ...now, replicas });
    this.mostAtOnce = Math.max(this.mostAtOnce, this.flights.size);
    return { topic, partition, problem: null };
  }

  private change({ resource, key, operation, value = '' }: ConfigChange): void {
    if ('broker' in resource && !this.live.includes(resource.broker)) {
      this.faults.push(`the config of dead broker ${resource.broker} was asked for`);
    }
    const name = keyOf(resource, key);
    const entries = (this.configs.get(name) ?? '').split(',').filter((entry) => entry !== '');
    const given = value.split(',');
    if (operation === 'delete') this.configs.delete(name);
    else if (operation === 'set') this.configs.set(name, value);
    else if (operation === 'append') this.configs.set(name, [...entries, ...given].join());
    else this.configs.set(name, entries.filter((entry) => !given.includes(entry)).join());
    this.unheard.push(name);
    if (!this.sluggish) this.hearAll();
  }

  private logDirs(id: number): BrokerLogDir[] {
    const replicas = [...this.partitions.values()]
      .filter((partition) => partition.replicas.includes(id))
      .map((partition) => {
        const flight = this.flights.get(nameOf(partition));
        const bytes = flight?.adding.includes(id) === true ? Math.min(flight.copied, this.bytes) : this.bytes;
        return { topic: partition.topic, partition: partition.partition, bytes, isFuture: false };
      });
    return [{ path: '/d', totalBytes: 1e9, usableBytes: 1e9, replicas }];
  }

  /** `around`: called with the name of each call, before and after it has its effect. */
  admin(around: (call: string, moment: 'before' | 'after') => void): KafkaAdmin {
    const call = async <T>(name: string, work: () => T): Promise<T> => {
      await Promise.resolve();
      around(name, 'before');
      const answer = work();
      around(name, 'after');
      return answer;
    };
    const { configs, heard } = this;
    return {
      look: () => call('look', () => ({ kind: 'seen', view: this.view() }) as const),
      listReassignments: () => call('list', () => [...this.flights.values()].map((flight) => ({ ...flight }))),
      reassign: (moves) => call('reassign', () => moves.map((move) => this.alter(move))),
      describeLogDirs: (id) => call('log dirs', () => this.logDirs(id)),
      readConfigs: (resources, keys) =>
        call('read configs', () =>
          resources.map((resource) => {
            if ('broker' in resource && resource.broker === this.dying) {
              throw new BarnabasError('kafka-failed', `cannot ask broker ${resource.broker}`);
            }
            const found = keys.flatMap((key) => {
              const value = ('broker' in resource ? heard : configs).get(keyOf(resource, key));
              return value === undefined ? [] : [[key, value] as const];
            });
            return new Map(found);
          }),
        ),
      changeConfigs: (changes) =>
        call('change configs', () => {
          for (const change of changes) this.change(change);
          return changes.map(({ resource }) => ({ resource, problem: null }));
        }),
      elect: ({ partitions }) =>
        call('elect', () =>
          partitions.map((one) => {
            const now = this.partitions.get(nameOf(one));
            const [first] = now?.replicas ?? [];
            if (now && first !== undefined && now.isr.includes(first)) {
              this.partitions.set(nameOf(one), { ...now, leader: first });
            }
            return { topic: one.topic, partition: one.partition, problem: null };
          }),
        ),
      describeRelease: () => call('release', () => null),
      describeQuorum: () =>
        call('quorum', () => (this.fenced.length > 0 ? { leader: 1, voters: [], observers: [] } : undefined)),
      unregister: () => call('unregister', () => 'done' as const),
      close: () => Promise.resolve(),
    };
  }
}
