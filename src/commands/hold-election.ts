/**
 * Holds an election of preferred leaders to its end: look, decide, ask, and look again, until every partition that was
 * meant is led by its preferred replica, or can't be, or the deadline is there. What to do next is decided in
 * `domain/election/course.ts`; nothing is remembered after it, so that it can be held again at any time.
 */
import {
  newCourse,
  nextStep,
  noteAnswers,
  observe,
  type Answer,
  type Rules,
  type Step,
} from '../domain/election/course.ts';
import type { Left } from '../domain/election/counts.ts';
import { takeStock, type Stock } from '../domain/election/standing.ts';
import type { Chosen } from '../domain/election/topics.ts';
import type { KafkaLook, KafkaView, PartitionView } from '../domain/kafka-view.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { World } from '../ports.ts';
import type { KafkaAdmin } from '../ports-kafka.ts';

export interface Election {
  readonly kafka: Pick<KafkaAdmin, 'look' | 'elect'>;
  readonly isChosen: Chosen;
  readonly rules: Rules;
  readonly tell: (news: News) => void;
}

/** What is told after each look. */
export interface News {
  /** Partitions that were to be elected, and those of them that are led by their preferred replica now. */
  readonly wanted: number;
  readonly elected: number;
  readonly step: Step;
}

export interface Outcome {
  readonly after: KafkaView;
  readonly waves: number;
  readonly waiting: readonly Left[];
  readonly cannot: readonly Left[];
}

type Around = Pick<World, 'clock' | 'signal'>;

const lookAgainMs = 1000;
/** How long nobody may answer, beyond the deadline, when something was asked for before. */
const silenceMs = 30_000;

export async function holdElection(election: Election, first: KafkaView, world: Around): Promise<Outcome> {
  const { isChosen, rules, tell } = election;
  const { clock } = world;
  let [course, view, waves, wanted] = [newCourse, first, 0, 0];
  for (;;) {
    const stock = takeStock(view, isChosen);
    const when = { rules, nowMs: clock.nowMs() };
    course = observe(course, stock, when);
    const step = nextStep(course, stock, when);
    const left = countLeft(stock);
    wanted = Math.max(wanted, left);
    tell({ wanted, elected: wanted - left, step });
    if (step.kind === 'end') return { after: view, waves, waiting: step.waiting, cannot: step.cannot };
    if (step.kind === 'elect') {
      waves += 1;
      const answers = await ask(election, step.wave);
      course = noteAnswers(course, step.wave, { answers, nowMs: clock.nowMs() });
    } else await clock.pause(step.forMs, world.signal);
    view = await lookAgain(election, world);
  }
}

const countLeft = ({ places }: Stock): number => places.filter(({ standing }) => standing.kind !== 'led').length;

/** A call that failed as a whole, such as by a broker that died, is like the same answer for each of its partitions. */
async function ask({ kafka }: Election, wave: readonly PartitionView[]): Promise<readonly Answer[] | 'asked'> {
  try {
    return await kafka.elect({ type: 'preferred', partitions: wave });
  } catch (error) {
    if (!isPassing(error)) throw error;
    const problem = { code: -1, name: error.message, message: null };
    return wave.map(({ topic, partition }) => ({ topic, partition, problem }));
  }
}

/** Brokers, and ZooKeeper, may come and go meanwhile. */
async function lookAgain({ kafka, rules }: Election, { clock, signal }: Around): Promise<KafkaView> {
  const untilMs = Math.max(rules.untilMs, clock.nowMs() + silenceMs);
  for (;;) {
    throwIfStopped(signal);
    const look = await kafka.look().catch(asUnseen);
    if (look.kind === 'seen') return look.view;
    if (clock.nowMs() >= untilMs) {
      const hint = 'run it again to go on';
      throw new BarnabasError('kafka-failed', `cannot see what became of the election: ${look.why}; ${hint}`);
    }
    await clock.pause(lookAgainMs, signal);
  }
}

function asUnseen(error: unknown): KafkaLook {
  if (isPassing(error)) return { kind: 'unseen', why: error.message };
  throw error;
}

const isPassing = (error: unknown): error is BarnabasError =>
  error instanceof BarnabasError && error.exitStatus === exitStatus.failed;

function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new BarnabasError('interrupted', 'interrupted: run it again to go on');
}
