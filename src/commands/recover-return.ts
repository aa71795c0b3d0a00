/** A lost broker that is back in the middle of its replacement: told once, and who sits there is asked. */
import type { KafkaView } from '../domain/kafka-view.ts';
import type { Forward } from '../domain/recovery/forward.ts';
import { counted } from '../domain/recovery/words.ts';
import type { Recovery } from './recover-surroundings.ts';

export function offerWayBack({
  journal,
  settings,
  world,
}: Recovery): (view: KafkaView, forward: Forward) => Promise<'finish' | 'back'> {
  const told = new Set<number>(journal.now().livingOlds);
  return async ({ brokers }, { done, flying, waiting }) => {
    const back = journal
      .now()
      .plan.replace.map(({ old }) => old)
      .filter((old) => brokers.includes(old) && !told.has(old));
    if (back.length === 0 || flying.length + waiting.length === 0) return 'finish';
    for (const id of back) told.add(id);
    const left = counted(flying.length + waiting.length, 'partition');
    world.log.warn('the lost broker is back, with what it had', {
      broker: back.join(),
      replaced: done.length,
      left: flying.length + waiting.length,
      next: 'it goes on and replaces it; to go back, stop it and run `barnabas recover abort`',
    });
    if (settings.yes) return 'finish';
    const question = `broker ${back.join(', ')} is back. Finish its replacement (${left} to go), or go back? [finish/back] `;
    return (await world.ask(question)) === 'back' ? 'back' : 'finish';
  };
}
