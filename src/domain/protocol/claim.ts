/**
 * The claim: rounds of looking at the volume and attempting ids, until one is ours, a person must decide, or the
 * deadline passes.
 *
 * A round: first one's own id, then the lowest with data whose holder is proven dead. If a holder is shutting down, wait
 * for it. Only then the lowest unused id, never beyond the cluster's size, and never while something on the volume is
 * refused: a new id beside data that nobody can read is how replicas get lost.
 */
import { describeCluster, orderCandidates, unusedIds, type Cluster } from '../candidates.ts';
import type { Decision, Verdict } from '../decisions.ts';
import type { Self } from '../evidence.ts';
import type { Storage } from '../mounts.ts';
import type { Mode, Pod } from '../record.ts';
import { attempt, type Claimed } from './attempt.ts';
import { elapsedMs, enterQueue, leaveQueue, pauseAround, tell, type Step } from './effects.ts';
import { AlienVolume } from './failure.ts';
import { knowCluster, type ClusterKnowledge } from './inspect.ts';
import { readView, surveyFree, type MaybeUnread, type Survey } from './survey.ts';

export interface ClaimRequest {
  readonly self: Self;
  readonly pod: Pod;
  readonly mode: Mode;
  /** When this process started, in milliseconds since the machine's boot. */
  readonly start: number;
  readonly storage: Storage;
  readonly cluster: Cluster;
  /** The cluster's id, where it is known from outside the volume. */
  readonly clusterId: string | undefined;
  /** The UUID that the volume must have, where one is pinned. */
  readonly volumeUuid: string | undefined;
  readonly waitMs: number;
  /** Between two looks at a volume with no id to take; jittered by half. */
  readonly pollMs: number;
  /** How long a lock kept by a server must be held before it proves its last holder dead: some beats of a guard. */
  readonly settleMs: number;
}

export type ClaimResult =
  | {
      readonly kind: 'claimed';
      readonly claimed: Claimed;
      readonly decisions: readonly Decision[];
      readonly waitedMs: number;
    }
  | { readonly kind: 'refused' | 'deadline'; readonly decisions: readonly Decision[]; readonly waitedMs: number };

export function* claim(request: ClaimRequest): Step<ClaimResult> {
  const startedMs = yield* elapsedMs();
  let queued = false;
  try {
    for (;;) {
      const round = yield* playRound(request, queued);
      const waitedMs = (yield* elapsedMs()) - startedMs;
      const { decisions } = round;
      if (round.claimed) return { kind: 'claimed', claimed: round.claimed, decisions, waitedMs };
      if (round.refused) return { kind: 'refused', decisions, waitedMs };
      if (round.contended && !queued) {
        // A crowd: take turns from here on, as far as that goes, instead of racing through every id.
        yield* enterQueue();
        queued = true;
        continue;
      }
      if (queued) yield* leaveQueue();
      if (waitedMs >= request.waitMs) {
        return { kind: has(decisions, 'refused') ? 'refused' : 'deadline', decisions, waitedMs };
      }
      yield* tell({ kind: 'waiting', decisions, leftMs: request.waitMs - waitedMs });
      yield* pauseAround(Math.min(request.pollMs, request.waitMs - waitedMs));
    }
  } finally {
    if (queued) yield* leaveQueue();
  }
}

interface Round {
  readonly claimed?: Claimed;
  readonly decisions: readonly Decision[];
  /** A person must decide: waiting would not help. */
  readonly refused?: boolean;
  /** Another starter was quicker at some id. */
  readonly contended?: boolean;
}

const has = (decisions: readonly Decision[], wanted: Verdict): boolean =>
  decisions.some(({ verdict }) => verdict === wanted);

function* playRound(request: ClaimRequest, queued: boolean): Step<Round> {
  const seen = yield* surveyFree();
  checkIdentity(seen, request.volumeUuid);
  const known = knowCluster(seen, request.clusterId);
  const { existing, beyondCap } = orderCandidates(seen, request.cluster, request.self.podUid);
  const decisions = beyondCap.map((view) => outsideCluster(view, request.cluster));

  const party = { request, known, decisions, patient: true };
  const reclaimed = yield* attemptEach(existing, party);
  if (reclaimed) return { claimed: reclaimed, decisions };
  if (has(decisions, 'stopping')) return { decisions };
  if (beyondCap.length > 0 || has(decisions, 'refused')) {
    const nothingToWaitFor = !has(decisions, 'held') && !has(decisions, 'lost');
    return { decisions, refused: hasUnused(seen, request.cluster) || nothingToWaitFor };
  }
  const minted = yield* attemptEach(unusedIds(seen, request.cluster), { ...party, patient: queued });
  if (minted) return { claimed: minted, decisions };
  return { decisions, contended: has(decisions, 'lost') };
}

interface Party {
  readonly request: ClaimRequest;
  readonly known: ClusterKnowledge;
  /** Grows by one for each directory seen. */
  readonly decisions: Decision[];
  /** Whether to go on to the next id when another starter was quicker, or to stop and queue up. */
  readonly patient: boolean;
}

/** Attempts one after the other until one succeeds; adds a decision for each, and for those that were not needed. */
function* attemptEach(views: Iterable<MaybeUnread>, party: Party): Step<Claimed | undefined> {
  const { request, known, decisions } = party;
  let claimed: Claimed | undefined;
  for (const view of views) {
    const logDir = view.logDirs[0] ?? null;
    if (claimed) {
      if (!logDir) break;
      decisions.push(notNeeded(view, claimed));
      continue;
    }
    const result = yield* attempt(yield* readView(view), request, known);
    claimed = result.claimed;
    const decision = result.claimed ? describeClaim(view, result.claimed) : result.decision;
    decisions.push(decision);
    if (decision.verdict === 'lost' && !party.patient) return undefined;
  }
  return claimed;
}

function notNeeded({ id, logDirs, top }: MaybeUnread, { brokerId }: Claimed): Decision {
  const logDir = logDirs[0] ?? null;
  if (top.kind === 'unread') return { id, logDir, verdict: 'held', why: 'a live process holds its id lock' };
  return { id, logDir, verdict: 'free', why: `not looked at: id ${brokerId} was taken` };
}

function describeClaim(view: MaybeUnread, { generation, evidence, logDir }: Claimed): Decision {
  const why = evidence === 'new' ? (view.logDirs[0] ? 'adopted: no claim on record' : 'unused until now') : evidence;
  return { id: view.id, logDir, verdict: 'claimed', why: `${why}; generation ${generation}` };
}

const outsideCluster = (view: MaybeUnread, cluster: Cluster): Decision => ({
  id: view.id,
  logDir: view.logDirs[0] ?? null,
  verdict: 'beyond-cap',
  why: `the cluster's ids are ${describeCluster(cluster)}`,
});

const hasUnused = (seen: Survey<MaybeUnread>, cluster: Cluster): boolean =>
  unusedIds(seen, cluster).next().done !== true;

function checkIdentity({ identity }: Survey<MaybeUnread>, pinned: string | undefined): void {
  if (pinned === undefined || identity?.uuid === pinned) return;
  const found = identity ? `has the uuid ${identity.uuid}` : 'has no identity of ours: it is empty, or not the volume';
  throw new AlienVolume(`the volume ${found}, and ${pinned} is pinned: is the right volume mounted?`);
}
