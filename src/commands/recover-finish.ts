/** The end of a recovery: the election, what it came to, and the lost id taken off the cluster. */
import { nameOf, type KafkaView } from '../domain/kafka-view.ts';
import type { PlannedMove } from '../domain/recovery/plan.ts';
import { sameOrder } from '../domain/recovery/words.ts';
import { BarnabasError } from '../errors.ts';
import type { World } from '../ports.ts';
import type { KafkaAdmin } from '../ports-kafka.ts';
import { holdElection } from './hold-election.ts';
import { lookAround, patiently, type Recovery } from './recover-surroundings.ts';

/** As `barnabas elect` does it unless told otherwise. */
const rules = { perBroker: 5000, inSyncForMs: 10_000 };

/** Only of what was moved: how other partitions are led is nobody's business here. Returns the view after it. */
export async function electMoved(
  { kafka, settings, world }: Recovery,
  moves: readonly PlannedMove[],
  { view, waitMs = settings.wait }: { readonly view: KafkaView; readonly waitMs?: number },
): Promise<KafkaView> {
  const names = new Set(moves.map(nameOf));
  if (names.size === 0) return view;
  const { after } = await holdElection(
    {
      kafka,
      isChosen: (partition) => names.has(nameOf(partition)),
      rules: { ...rules, untilMs: world.clock.nowMs() + waitMs },
      tell: ({ step, elected, wanted }) => {
        if (step.kind === 'elect') world.log.info('electing', { partitions: step.wave.length, elected, of: wanted });
      },
    },
    view,
    world,
  );
  return after;
}

export interface Verified {
  /** Replicas as in the plan, all that came in sync. */
  readonly asPlanned: readonly PlannedMove[];
  readonly notAsPlanned: readonly PlannedMove[];
  /** Not led by their first replica. */
  readonly notPreferred: readonly PlannedMove[];
}

/** With a look of its own. */
export async function verifyMoves({ kafka, world }: Recovery, moves: readonly PlannedMove[]): Promise<Verified> {
  const { truth } = await lookAround(kafka, world);
  const now = (move: PlannedMove) => truth.partitions.get(nameOf(move));
  const isAsPlanned = (move: PlannedMove): boolean => sameOrder(now(move)?.replicas ?? [], move.after);
  return {
    asPlanned: moves.filter(isAsPlanned),
    notAsPlanned: moves.filter((move) => !isAsPlanned(move)),
    notPreferred: moves.filter((move) => now(move)?.leader !== move.after[0]),
  };
}

export interface Farewell {
  readonly kafka: KafkaAdmin;
  readonly olds: readonly number[];
  readonly unregister: boolean;
  readonly yes: boolean;
}

/** KRaft only: a dead id stays registered, and new topics are placed on it. Afterwards nothing can go back to it. */
export async function offerUnregistering({ kafka, olds, unregister, yes }: Farewell, world: World): Promise<number[]> {
  const { view } = await lookAround(kafka, world);
  if ((await patiently(world, () => quorumOf(kafka))) === undefined) return [];
  const registered = olds.filter((old) => view.known.some(({ id, fenced }) => id === old && fenced));
  const gone: number[] = [];
  for (const old of registered) {
    const still = view.partitions.filter(({ replicas }) => replicas.includes(old)).length;
    if (still > 0) {
      world.log.info('the lost id stays registered: partitions still name it', { broker: old, partitions: still });
      continue;
    }
    if (!(unregister || (!yes && (await isWanted(old, world))))) {
      world.log.info('the lost id stays registered, and new topics may be placed on it', {
        broker: old,
        hint: `kafka-cluster unregister --id ${old} takes it away; or --unregister`,
      });
      continue;
    }
    await patiently(world, () => kafka.unregister(old));
    gone.push(old);
  }
  return gone;
}

async function isWanted(old: number, world: World): Promise<boolean> {
  return (await world.ask(`Take broker id ${old} off the cluster? It can not come back then. [yes/no] `)) === 'yes';
}

/** Where brokers are too old to be asked there is ZooKeeper. */
async function quorumOf(kafka: KafkaAdmin) {
  try {
    return await kafka.describeQuorum();
  } catch (error) {
    if (error instanceof BarnabasError && error.code === 'kafka-version') return undefined;
    throw error;
  }
}
