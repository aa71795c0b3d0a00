/** Which partitions a replacement heals, and which are set apart: why, and what a person can do about each. */
import type { PartitionName, PartitionView, Reassignment } from '../kafka-view.ts';
import { heirsIn, type Replacement } from './replacement.ts';
import { sameSet } from './words.ts';

/**
 * `in-flight` (somebody moves it now) · `has-new` (NEW is among its replicas already) · `all-dead` (no replica lives) ·
 * `no-leader` (the last replica in sync is dead) · `below-min-isr` (it could not be written to after the move either).
 */
export type Reason = 'in-flight' | 'has-new' | 'all-dead' | 'no-leader' | 'below-min-isr';

export interface Apart extends PartitionName {
  readonly replicas: readonly number[];
  readonly reason: Reason;
  readonly why: string;
  readonly choices: readonly string[];
}

export interface Scene {
  readonly replace: readonly Replacement[];
  /** Ids of live brokers. */
  readonly live: readonly number[];
  /** Of this partition, if it is being moved. */
  readonly flight: Reassignment | undefined;
}

const waitForIt = 'wait until that is done, or cancel it, and plan again';

/** Undefined: it can be moved. */
export function whyApart(partition: PartitionView, scene: Scene): Omit<Apart, keyof PartitionName> | undefined {
  const { replicas } = partition;
  const found = verdictOn(partition, scene);
  return found && { replicas, ...found };
}

type Verdict = Pick<Apart, 'reason' | 'why' | 'choices'>;

function verdictOn(partition: PartitionView, { replace, live, flight }: Scene): Verdict | undefined {
  const { replicas, leader } = partition;
  if (flight) {
    const target = flight.replicas.filter((id) => !flight.removing.includes(id));
    return { reason: 'in-flight', why: `it is being moved to ${target.join(',')} already`, choices: [waitForIt] };
  }
  const lost = replace.filter(({ old }) => replicas.includes(old));
  const double = lost.find((each) => replicas.includes(each.new));
  if (double) {
    const choices = [`name another broker for ${double.old}`, `give it fewer replicas: without ${double.old}`];
    return { reason: 'has-new', why: `broker ${double.new} has a replica of it already`, choices };
  }
  const olds = lost.map(({ old }) => old).join(', ');
  const living = replicas.filter((id) => live.includes(id));
  if (living.length === 0) return allDead(partition);
  if (leader < 0) {
    const dead = replicas.filter((id) => !living.includes(id));
    return withoutLeader(partition, living, dead);
  }
  return belowMinIsr(partition, { after: heirsIn(replicas, replace), live, olds });
}

/** Only who was in sync last has all of it. */
function bringBack(isr: readonly number[], dead: readonly number[]): string {
  const who = isr.length > 0 ? isr : dead;
  if (isr.length > 0 || dead.length === 1) {
    return `bring back ${who.join(' or ')} with its log dir: then nothing is lost`;
  }
  return `bring back ${who.join(', ')} with their log dirs: who was in sync last leads again, and nothing is lost`;
}

const allDead = ({ replicas, isr }: PartitionView): Verdict => ({
  reason: 'all-dead',
  why:
    `no live broker has a replica of it: ${replicas.join(',')} are not in the cluster` +
    (isr.length === 0 || sameSet(isr, replicas) ? '' : `, and ${isr.join(',')} was in sync last`),
  choices: [bringBack(isr, replicas), 'give its data up: delete the topic and make it anew'],
});

/** KRaft may name none while there is no leader. */
const withoutLeaderWhy = (isr: readonly number[], living: readonly number[]): string =>
  isr.length === 0
    ? `no replica is known to be in sync, and ${living.join(',')} may lack what others had`
    : `the last in sync (${isr.join(',')}) is not in the cluster, and ${living.join(',')} may lack what it had`;

const withoutLeader = ({ isr }: PartitionView, living: readonly number[], dead: readonly number[]): Verdict => ({
  reason: 'no-leader',
  why: withoutLeaderWhy(isr, living),
  choices: [
    bringBack(isr, dead),
    `lose what ${living.join(', ')} never got: elect uncleanly (\`barnabas elect --unclean\`), then plan again`,
  ],
});

function belowMinIsr(
  { minIsr }: PartitionView,
  { after, live, olds }: { readonly after: readonly number[]; readonly live: readonly number[]; readonly olds: string },
): Verdict | undefined {
  const living = after.filter((id) => live.includes(id));
  if (living.length >= minIsr) return undefined;
  const dead = after.filter((id) => !live.includes(id));
  const stillDead = dead.length === 0 ? '' : ` (${dead.join(',')} not in the cluster)`;
  return {
    reason: 'below-min-isr',
    why: `with ${olds} replaced ${living.length} live replicas${stillDead}, min.insync.replicas ${minIsr}: no healing`,
    choices: [
      ...(dead.length === 0 ? [] : [`bring back ${dead.join(', ')}, or replace them in the same plan`]),
      'lower min.insync.replicas of the topic, then plan again',
    ],
  };
}
