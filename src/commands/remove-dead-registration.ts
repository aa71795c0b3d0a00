/** After the wrapper reaped its broker: leaders move at once, before any successor exists. Never waits for a session. */
import { describeEndpoints, planClearance, type RegistrationNote } from '../domain/registration.ts';
import { BarnabasError } from '../errors.ts';
import type { Deadline, Log, Registry } from '../ports.ts';

export interface RemoveDeadRegistration {
  readonly registry: Registry;
  readonly brokerId: number;
  /** The registration that the broker had while it lived. */
  readonly note: RegistrationNote;
  readonly deadline: Deadline;
  readonly log: Log;
}

/** Whatever prevents it is told: the session then ends by itself, and the successor waits for that. */
export async function removeDeadRegistration(step: RemoveDeadRegistration): Promise<void> {
  const { registry, brokerId, note, deadline, log } = step;
  try {
    const seen = await registry.readRegistration(brokerId, deadline);
    const plan = planClearance({ seen, note, deathCertain: true, fastFailover: true });
    if (seen === undefined || plan.action === 'none') return;
    const fields = { brokerId, endpoints: describeEndpoints(seen), session: seen.sessionId };
    if (plan.action === 'wait') {
      log.warn('left a registration alone', { ...fields, why: plan.why });
      return;
    }
    const outcome = await registry.removeRegistration(brokerId, plan.expected, deadline);
    if (outcome === 'removed') {
      log.info('removed the registration of the dead broker', fields);
      return;
    }
    if (outcome !== 'already-gone') log.warn('left a registration alone', { ...fields, why: outcome });
  } catch (error) {
    if (!(error instanceof BarnabasError)) throw error;
    log.warn('cannot remove the registration of the dead broker', { brokerId, reason: error.message });
  }
}
