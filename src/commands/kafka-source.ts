/** Kafka as a status sees it: the partitions, and what each broker tells of itself, as far as they answer in time. */
import type { Scene } from '../domain/fleet/verdict.ts';
import type { KafkaView } from '../domain/kafka-view.ts';
import type { BrokerAnswer, KafkaSight, Seen, Unseen } from '../domain/status/sight.ts';
import type { kafkaSettings } from '../command-settings.ts';
import { BarnabasError } from '../errors.ts';
import type { World } from '../ports.ts';
import type { BrokerPods } from '../ports-cluster.ts';
import type { KafkaAdmin } from '../ports-kafka.ts';
import type { Settings } from '../settings.ts';
import { directly, routeOf } from './kafka-route.ts';

export type KafkaSettings = Settings<(typeof kafkaSettings)[number]>;

export interface KafkaSource {
  /** `isAlone`: nothing else was seen, so that a failure is one of the whole. */
  look(kubernetes: Seen<Scene>, isAlone: boolean): Promise<Seen<KafkaSight>>;
  close(): Promise<void>;
}

/** How long the answers of single brokers are waited for. */
const answerMs = 3000;

/** By `--bootstrap`, or through the API server to the brokers' pods. */
export function kafkaSource(settings: KafkaSettings, brokerPods: BrokerPods | undefined, world: World): KafkaSource {
  const { bootstrap } = settings;
  const isNamed = bootstrap !== undefined;
  const route = bootstrap === undefined ? brokerPods && routeOf(settings, brokerPods) : directly(settings, bootstrap);
  let opened: KafkaAdmin | undefined;
  return {
    async look(kubernetes, isAlone) {
      if (!route) return unseen(null);
      if (!isNamed && !isServed(kubernetes)) return unseen('no pod with an id is ready');
      try {
        opened ??= await world.openKafka(route);
        const look = await opened.look();
        if (look.kind === 'seen') return { kind: 'seen', value: await lookCloser(opened, look.view, world) };
        if (isNamed && isAlone) throw new BarnabasError('kafka-failed', `cannot ask ${bootstrap}: ${look.why}`);
        return unseen(look.why, isNamed);
      } catch (error) {
        if (!(error instanceof BarnabasError) || error.code === 'settings-invalid') throw error;
        if (isNamed && isAlone) throw error;
        return unseen(error.message, isNamed);
      }
    },
    async close() {
      await opened?.close();
    },
  };
}

const unseen = (why: string | null, wanted = false): Unseen => ({ kind: 'unseen', why, wanted });

const isServed = (kubernetes: Seen<Scene>): boolean =>
  kubernetes.kind === 'seen' && kubernetes.value.fleet.pods.some(({ ready, brokerId }) => ready && brokerId !== null);

async function lookCloser(admin: KafkaAdmin, view: KafkaView, world: World): Promise<KafkaSight> {
  const late = new AbortController();
  const over = world.clock.pause(answerMs, late.signal).then(() => undefined);
  /** What can't be answered, or not in time, is left out. */
  const ask = <T>(question: Promise<T>): Promise<T | undefined> => Promise.race([question.catch(expected), over]);
  const ofBroker = async (id: number): Promise<readonly [number, BrokerAnswer]> => {
    const [release, dirs] = await Promise.all([ask(admin.describeRelease(id)), ask(admin.describeLogDirs(id))]);
    const bytes = dirs?.flatMap(({ replicas }) => replicas).reduce((sum, replica) => sum + replica.bytes, 0);
    return [id, { release: release ?? null, bytes: bytes ?? null }];
  };
  try {
    const [moves, quorum, ...brokers] = await Promise.all([
      ask(admin.listReassignments()),
      ask(admin.describeQuorum()),
      ...view.brokers.map(ofBroker),
    ]);
    return { view, moves: moves ?? [], quorum: quorum ?? null, brokers: new Map(brokers) };
  } finally {
    late.abort();
  }
}

function expected(error: unknown): undefined {
  if (!(error instanceof BarnabasError)) throw error;
}
