/** Whether OLD is really lost and NEW fit to take its place: what forbids the plan, and what a person should know first. */
import { nameOf, type BrokerLogDir, type BrokerView, type KafkaView } from '../kafka-view.ts';
import { comingOf, type RecoveryPlan } from './plan.ts';
import type { LogDirs } from './sizes.ts';
import { bytesInWords, counted } from './words.ts';

export interface Fitness {
  /** Each forbids the plan. */
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
}

export interface Candidates {
  readonly plan: RecoveryPlan;
  readonly view: KafkaView;
  readonly logDirs: LogDirs;
  /** What a volume says of an id that has a log dir on it. */
  readonly onVolume: ReadonlyMap<number, string>;
  readonly whileOldLives: 'refused' | 'allowed';
}

export function judgeFitness(candidates: Candidates): Fitness {
  const { plan } = candidates;
  const olds = plan.replace.map((each) => judgeOld(each.old, candidates));
  const heirs = plan.replace.map((each) => judgeHeir(each.new, candidates));
  const all = [...olds, ...heirs];
  return {
    refusals: all.flatMap(({ refusals }) => refusals),
    warnings: [...all.flatMap(({ warnings }) => warnings), ...rackWarnings(candidates)],
  };
}

function judgeOld(old: number, { view, onVolume, whileOldLives }: Candidates): Fitness {
  const lives = view.brokers.includes(old);
  const verdict = onVolume.get(old);
  const away = `broker ${old} may only be away: its log dir is on the volume (${verdict ?? ''})`;
  const warnings = verdict === undefined ? [] : [`${away}; started on it, it comes back with all it had`];
  if (!lives) return { refusals: [], warnings };
  const why = `broker ${old} is in the cluster: nothing of it is lost`;
  if (whileOldLives === 'allowed') return { refusals: [], warnings: [why] };
  return { refusals: [`${why}; --force moves what it has all the same`], warnings: [] };
}

function judgeHeir(id: number, { plan, view, logDirs }: Candidates): Fitness {
  const known = view.known.find((broker) => broker.id === id);
  if (known?.fenced === true) return refused(`broker ${id} is registered, but fenced: is it running?`);
  if (!view.brokers.includes(id)) return refused(`broker ${id} is not in the cluster: start it first`);
  const needed = plan.moves
    .filter((move) => comingOf(move).includes(id))
    .reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const usable = usableOf(logDirs.get(id) ?? []);
  if (usable === null) return fit;
  const words = `broker ${id} gets ${bytesInWords(needed)} and has room for ${bytesInWords(usable)}`;
  if (needed > usable) return refused(`${words}: give it a larger disk`);
  return needed > usable * 0.9 ? { refusals: [], warnings: [words] } : fit;
}

const fit: Fitness = { refusals: [], warnings: [] };
const refused = (why: string): Fitness => ({ refusals: [why], warnings: [] });

/** Null where brokers don't tell (before Kafka 3.3). Two log dirs of one file system have one room. */
function usableOf(dirs: readonly BrokerLogDir[]): number | null {
  const rooms = new Map<string, number>();
  for (const { totalBytes, usableBytes } of dirs) {
    if (usableBytes === null || usableBytes < 0) return null;
    rooms.set(`${totalBytes ?? ''} ${usableBytes}`, usableBytes);
  }
  return rooms.size === 0 ? null : [...rooms.values()].reduce((sum, room) => sum + room, 0);
}

/** Two replicas in one rack, where there are racks enough for all. */
function rackWarnings({ plan, view }: Candidates): string[] {
  const rackOf = new Map(view.known.map(({ id, rack }: BrokerView) => [id, rack]));
  const racks = new Set(view.brokers.map((id) => rackOf.get(id) ?? null));
  if (racks.has(null)) return [];
  const crowded = plan.moves.filter((move) => {
    const others = move.after.filter((id) => move.before.includes(id)).map((id) => rackOf.get(id));
    return racks.size >= move.after.length && comingOf(move).some((id) => others.includes(rackOf.get(id)));
  });
  const [first] = crowded;
  if (!first) return [];
  const heirs = [...new Set(crowded.flatMap(comingOf))].map((id) => `${id} in ${rackOf.get(id) ?? 'none'}`);
  const what = `${counted(crowded.length, 'partition')} (${nameOf(first)}, …) would have two replicas in one rack`;
  return [`${what}: broker ${heirs.join(', ')}`];
}
