/**
 * `barnabas roll`: replaces the pods of a ReplicaSet that are not of its current template, one broker at a time.
 *
 *  1. look: pods, ReplicaSet, and the Kafka cluster
 *  2. choose the pod of lowest risk; one whose broker serves nobody goes at once
 *  3. any other waits until every replica is in sync, with every pod ready
 *  4. delete it, if it is still the one that was looked at
 *  5. wait until it is gone and its id's next pod is ready; then back to 1, and at the end once more for 3
 *
 * Nothing is remembered: stopped anywhere, it goes on when it is run again.
 */
import type { rollSettings } from '../command-settings.ts';
import type { KafkaLook } from '../domain/kafka-view.ts';
import {
  chooseReplicaSet,
  inOrderOfRisk,
  notSpared,
  servesNobody,
  successorOf,
  targetsOf,
  whyNotNow,
  type Target,
} from '../domain/roll/roll.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { Given, World } from '../ports.ts';
import type { BrokerPods } from '../ports-cluster.ts';
import type { KafkaAdmin } from '../ports-kafka.ts';
import type { Settings } from '../settings.ts';
import { routeOf } from './kafka-route.ts';
import { invalidSettings } from './prepare.ts';

type RollSettings = Settings<(typeof rollSettings)[number]>;

export interface RollOrder {
  readonly settings: RollSettings;
  /** The name of a ReplicaSet. */
  readonly asked: string | undefined;
}

const pollMs = 1000;

export async function rollCommand({ settings, asked }: RollOrder, { world, problems }: Given): Promise<number> {
  if (problems.length > 0) throw invalidSettings(problems);
  const brokerPods = await world.brokerPods(settings);
  const { owners, namespace } = await brokerPods.list();
  const choice = chooseReplicaSet(owners, asked);
  if (choice.kind === 'none') {
    throw new BarnabasError('brokers-missing', `cannot roll in namespace ${namespace}: ${choice.why}`);
  }
  const kafka = await world.openKafka(routeOf(settings, brokerPods));
  try {
    return await roll({ settings, brokerPods, kafka, name: choice.owner.name, uid: choice.owner.uid }, world);
  } finally {
    await kafka.close();
  }
}

interface Roll {
  readonly settings: RollSettings;
  readonly brokerPods: BrokerPods;
  readonly kafka: KafkaAdmin;
  /** Of the ReplicaSet. */
  readonly name: string;
  readonly uid: string;
}

async function roll(rolling: Roll, world: World): Promise<number> {
  const { settings, name } = rolling;
  const first = await lookAt(rolling);
  const targets = targetsOf(first.pods, first.owner, settings.all ? 'every' : 'outdated');
  if (targets.length === 0) {
    world.output.print(`every pod of ReplicaSet ${name} is of its current template`);
    return exitStatus.done;
  }
  if (settings.dryRun) {
    await printPlan(targets, await rolling.kafka.look(), world);
    return exitStatus.done;
  }
  for (let left: readonly Target[] = targets; left.length > 0; left = await stillThere(left, rolling)) {
    const done = targets.length - left.length;
    const next = await chooseNext(left, rolling, world);
    world.log.info('replacing a pod', { ...fieldsOf(next), step: `${done + 1}/${targets.length}` });
    if ((await rolling.brokerPods.deletePod(next.pod)) === 'deleted') await awaitSuccessor(next, rolling, world);
  }
  await awaitSafe(rolling, world);
  await checkResult(rolling, world);
  world.output.print(`rolled ReplicaSet ${name}: ${targets.length} pods replaced, every replica in sync`);
  return exitStatus.done;
}

const fieldsOf = ({ pod, because }: Target) => ({
  pod: pod.name,
  brokerId: pod.brokerId ?? undefined,
  because: because[0] ?? 'asked to replace every pod',
});

async function lookAt({ brokerPods, name, uid }: Roll) {
  const { pods, owners } = await brokerPods.list();
  const owner = owners.find((each) => each.uid === uid);
  if (!owner) throw new BarnabasError('brokers-missing', `ReplicaSet ${name} is not there any more`);
  return { pods, owner };
}

async function stillThere(targets: readonly Target[], rolling: Roll): Promise<Target[]> {
  const { pods } = await lookAt(rolling);
  return targets.filter(({ pod }) => pods.some(({ uid, deletingUntil }) => uid === pod.uid && deletingUntil === null));
}

/** Waits until one may go. */
async function chooseNext(targets: readonly Target[], rolling: Roll, world: World): Promise<Target> {
  const { next, look } = await until(rolling, world, async () => {
    const [seen, kafka] = await Promise.all([lookAt(rolling), rolling.kafka.look()]);
    // As they are now: ready, and with an id, perhaps, since the last look.
    const now = targets.flatMap((target) => {
      const pod = seen.pods.find(({ uid }) => uid === target.pod.uid);
      return pod ? [{ ...target, pod }] : [];
    });
    const [lowest] = inOrderOfRisk(now, kafka);
    if (!lowest) throw new BarnabasError('interrupted', 'every pod that was left has gone by itself: run it again');
    const why = servesNobody(lowest.pod, kafka) ? undefined : whyNotNow(seen.pods, seen.owner, kafka);
    return why === undefined ? { answer: { next: lowest, look: kafka } } : { why };
  });
  warnOfLosses(next, look, world);
  return next;
}

function warnOfLosses({ pod }: Target, look: KafkaLook, { log }: World): void {
  const losses = look.kind === 'seen' && pod.brokerId !== null ? notSpared(look.view, pod.brokerId) : [];
  if (losses.length === 0) return;
  const some = losses.slice(0, 5).join(' ');
  log.warn('partitions can not be written to while this broker is away', { count: losses.length, some });
}

/** Gone, and its id's next pod ready. A pod without an id has no successor that could be told from others. */
async function awaitSuccessor({ pod }: Target, rolling: Roll, world: World): Promise<void> {
  const successor = await until(rolling, world, async () => {
    const { pods } = await lookAt(rolling);
    if (pods.some(({ uid }) => uid === pod.uid)) return { why: `pod ${pod.name} is still shutting down` };
    if (pod.brokerId === null) return { answer: undefined };
    const next = successorOf(pods, pod);
    if (!next) return { why: `no new pod has broker id ${pod.brokerId} yet` };
    return next.ready ? { answer: next } : { why: `pod ${next.name} with broker id ${pod.brokerId} is not ready` };
  });
  if (successor) world.log.info('replaced', { pod: pod.name, by: successor.name, brokerId: pod.brokerId ?? undefined });
}

async function awaitSafe(rolling: Roll, world: World): Promise<void> {
  await until(rolling, world, async () => {
    const [seen, kafka] = await Promise.all([lookAt(rolling), rolling.kafka.look()]);
    const why = whyNotNow(seen.pods, seen.owner, kafka);
    return why === undefined ? { answer: true } : { why };
  });
}

type Asked<T> = { readonly why: string } | { readonly answer: T };

/** Asks until there is an answer, two times in a row: what one broker says may be a moment old. Tells what it waits for. */
async function until<T>({ settings }: Roll, world: World, ask: () => Promise<Asked<T>>): Promise<T> {
  const { clock, log, signal } = world;
  const fromMs = clock.nowMs();
  let told = '';
  let before = false;
  for (;;) {
    if (signal.aborted) throw new BarnabasError('interrupted', 'interrupted between two steps: run it again to go on');
    const asked = await ask();
    if ('answer' in asked && before) return asked.answer;
    before = 'answer' in asked;
    if ('why' in asked) {
      if (asked.why !== told) log.info('waiting', { for: asked.why });
      told = asked.why;
      if (clock.nowMs() - fromMs >= settings.wait) throw waitedInVain(asked.why, settings.wait);
    }
    await clock.pause(pollMs, signal);
  }
}

function waitedInVain(why: string, waitMs: number): BarnabasError {
  const hint = '`barnabas status` and `barnabas why` say more; run it again to go on';
  return new BarnabasError('wait-deadline', `cannot roll on: ${why}; waited ${Math.round(waitMs / 1000)} s. ${hint}`);
}

/** New pods that differ still were made of an older template, or are changed as they are made. */
async function checkResult(rolling: Roll, { log }: World): Promise<void> {
  const { pods, owner } = await lookAt(rolling);
  for (const target of targetsOf(pods, owner, 'outdated')) {
    log.warn('a pod is not of the current template even so: something changes pods as they are made, or run it again', {
      ...fieldsOf(target),
    });
  }
}

async function printPlan(targets: readonly Target[], look: KafkaLook, { output, log }: World): Promise<void> {
  if (look.kind === 'unseen') log.warn('the order is not final', { why: look.why });
  const rows = inOrderOfRisk(targets, look).map(({ pod, because }, index) => [
    ...[String(index + 1), pod.name, String(pod.brokerId ?? '-'), roleOf(pod.brokerId, look)],
    because.join(', ') || '-',
  ]);
  await output.table(['STEP', 'POD', 'ID', 'ROLE', 'DIFFERS IN'], rows);
}

function roleOf(brokerId: number | null, look: KafkaLook): string {
  if (look.kind === 'unseen' || brokerId === null) return '-';
  const { controller, partitions } = look.view;
  const led = partitions.filter(({ leader }) => leader === brokerId).length;
  return `${brokerId === controller ? 'controller, ' : ''}leads ${led}`;
}
