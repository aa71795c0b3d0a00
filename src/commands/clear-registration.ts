/**
 * Clears what is still registered under a broker id: after the claim and before its broker starts, and after the
 * broker was reaped. Only the holder of the id's claim may run it.
 */
import { describeEndpoints, describeRegistration, planClearance } from '../domain/registration.ts';
import type { Registration, RegistrationNote } from '../domain/registration.ts';
import { BarnabasError } from '../errors.ts';
import type { Clock, Deadline, Log, Registry, RemovalOutcome } from '../ports.ts';

export interface ClearRegistration {
  readonly registry: Registry;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Log;
  readonly brokerId: number;
  /** What the dead broker's guard noted of its registration. */
  readonly note: RegistrationNote | undefined;
  /** No process of the dead broker can exist any more. */
  readonly deathCertain: boolean;
  /** The setting: without it every registration is waited for. */
  readonly fastFailover: boolean;
  /** How long ZooKeeper may take to answer the first question. */
  readonly answerMs: number;
  /** For the whole step. */
  readonly deadline: Deadline;
}

export interface Cleared {
  /** `none`: the id was not registered. `waited`: the registration ended by itself. */
  readonly outcome: 'none' | 'removed' | 'waited';
  readonly waitedMs: number;
}

const whyNotRemoved: Readonly<Record<Exclude<RemovalOutcome, 'removed' | 'already-gone'>, string>> = {
  forbidden: 'ZooKeeper does not let us delete below /brokers/ids',
  'not-the-noted-one': "it has changed since the look, so it may not be the dead broker's",
};

/** Throws `registration-deadline`, and what the registry throws. */
export async function clearRegistration(step: ClearRegistration): Promise<Cleared> {
  const { registry, clock, log, brokerId, note, deathCertain, fastFailover, answerMs, deadline } = step;
  const startMs = clock.nowMs();
  const remaining = (): Deadline => ({
    timeoutMs: Math.max(0, deadline.timeoutMs - (clock.nowMs() - startMs)),
    signal: deadline.signal,
  });

  const patience = { timeoutMs: Math.min(answerMs, deadline.timeoutMs), signal: deadline.signal };
  const seen = await registry.readRegistration(brokerId, patience);
  const plan = planClearance({ seen, note, deathCertain, fastFailover });
  if (seen === undefined || plan.action === 'none') return { outcome: 'none', waitedMs: 0 };
  if (plan.action === 'wait') return waitForEnd({ step, seen, why: plan.why, remaining });

  const fields = { brokerId, endpoints: describeEndpoints(seen), session: seen.sessionId };
  const outcome = await registry.removeRegistration(brokerId, plan.expected, remaining());
  switch (outcome) {
    case 'removed':
      log.info('removed the registration of the dead broker', fields);
      return { outcome: 'removed', waitedMs: 0 };
    case 'already-gone':
      return { outcome: 'waited', waitedMs: clock.nowMs() - startMs };
    case 'forbidden':
    case 'not-the-noted-one':
      log.warn('cannot remove the registration of the dead broker', { ...fields, why: whyNotRemoved[outcome] });
      return waitForEnd({ step, seen, why: whyNotRemoved[outcome], remaining });
  }
}

interface WaitForEnd {
  readonly step: ClearRegistration;
  readonly seen: Registration;
  readonly why: string;
  readonly remaining: () => Deadline;
}

async function waitForEnd({ step, seen, why, remaining }: WaitForEnd): Promise<Cleared> {
  const { registry, clock, log, brokerId, deadline } = step;
  const fromMs = clock.nowMs();
  const { timeoutMs, signal } = remaining();
  log.info('waiting until the registration ends', {
    brokerId,
    endpoints: describeEndpoints(seen),
    session: seen.sessionId,
    why,
    timeoutMs,
  });
  const end = await registry.awaitNoRegistration(brokerId, { timeoutMs, signal });
  const waitedMs = clock.nowMs() - fromMs;
  if (end === 'gone') {
    log.info('the registration has ended', { brokerId, waitedMs });
    return { outcome: 'waited', waitedMs };
  }
  throw new BarnabasError(
    'registration-deadline',
    `cannot clear the registration of broker ${brokerId} (${describeRegistration(seen)}): it has not ended within ` +
      `${deadline.timeoutMs / 1000}s, and was not removed because ${why}; if no broker ${brokerId} runs any more, its ` +
      "session ends by itself after the broker's zookeeper.session.timeout.ms (18 s by default): wait longer; if one " +
      'runs, stop it first',
  );
}
