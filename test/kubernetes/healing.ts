/** How long a cluster takes to be whole again after a broker was struck. */
import * as assert from 'uvu/assert';
import { leaderless, underReplicated } from '../../demo/cluster/brokers.ts';
import { leadsNothing, type Field } from './field.ts';
import { liveBrokers } from './pods.ts';

/** Times from the blow on, in milliseconds. */
export interface Healing {
  /** Every partition has a live leader. */
  readonly leadersMs: number;
  /** All brokers are there, and every replica is in sync. */
  readonly healedMs: number;
}

type Strike = () => Promise<unknown>;

/** Strikes a broker that leads, waits until the cluster has felt it, and then until it is whole again. */
export async function heal(field: Field, id: number, strike: Strike): Promise<Healing> {
  await field.leadBack(id);
  return await healed(field, id, strike);
}

/** The same for a broker that leads already. */
export async function healed(field: Field, id: number, strike: Strike): Promise<Healing> {
  const { controller } = await field.whole();
  assert.is.not(controller, id);
  const observer = field.observe(controller);
  const struck = liveBrokers().get(id) ?? [];
  // What is seen of one that shuts down in good order can look whole again for a moment.
  const isAnother = (): boolean => (liveBrokers().get(id) ?? []).some((pid) => !struck.includes(pid));
  try {
    await observer.see('the cluster as it is', () => true);
    const fromMs = performance.now();
    const elapsed = (): number => performance.now() - fromMs;
    const felt = observer.see(
      `the absence of broker ${id}`,
      (view) => leadsNothing(view, id) && leaderless(view) === 0,
    );
    const [leadersMs] = await Promise.all([felt.then(elapsed), strike()]);
    // One that shuts down in good order leads nothing some time before it leaves.
    await observer.see(`broker ${id} to be out of sync`, (view) => underReplicated(view) > 0);
    await observer.see(
      'all brokers, and every replica in sync',
      (view) => view.brokers.length === 3 && underReplicated(view) === 0 && isAnother(),
    );
    return { leadersMs, healedMs: elapsed() };
  } finally {
    await observer.close();
  }
}
