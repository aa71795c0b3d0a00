/** What the answer for one partition means. Source: Kafka's protocol guide, error codes. */

export interface Problem {
  readonly code: number;
  readonly name: string;
  readonly message: string | null;
}

/** `again`: the next look may show that it is ready, or gone. */
export type Meaning = 'done' | 'again' | 'never';

const electionNotNeeded = 84;

const passing: ReadonlySet<number> = new Set([
  -1, // UNKNOWN_SERVER_ERROR
  3, // UNKNOWN_TOPIC_OR_PARTITION: deleted since the look, or made in this moment
  5, // LEADER_NOT_AVAILABLE
  6, // NOT_LEADER_OR_FOLLOWER
  7, // REQUEST_TIMED_OUT
  13, // NETWORK_EXCEPTION
  41, // NOT_CONTROLLER
  80, // PREFERRED_LEADER_NOT_AVAILABLE: out of sync since the look
  83, // ELIGIBLE_LEADERS_NOT_AVAILABLE
  89, // THROTTLING_QUOTA_EXCEEDED
]);

export function meaningOf(problem: Problem | null): Meaning {
  if (problem === null || problem.code === electionNotNeeded) return 'done';
  return passing.has(problem.code) ? 'again' : 'never';
}

export const wordsOf = ({ name, message }: Problem): string =>
  message === null || message === '' ? name : `${name} (${message})`;
