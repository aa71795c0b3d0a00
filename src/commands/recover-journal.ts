/** Opens the journal of a recovery, and says what the command is to do with what it finds. */
import { journalText, readJournal, type Journal } from '../domain/recovery/journal.ts';
import { BarnabasError } from '../errors.ts';
import type { World } from '../ports.ts';
import type { ClusterTarget } from '../ports-cluster.ts';
import type { KafkaAdmin } from '../ports-kafka.ts';
import type { JournalStore } from '../ports-journal.ts';
import { findRoute, type RouteSettings } from './kafka-route.ts';
import type { JournalKeeper } from './recover-surroundings.ts';

export interface FoundJournal {
  readonly store: JournalStore;
  readonly found: Journal | undefined;
}

export async function findJournal(
  settings: ClusterTarget & { readonly journal: string },
  use: 'write' | 'read',
  world: World,
): Promise<FoundJournal> {
  const store = await world.openJournal({ where: settings.journal, use, target: settings });
  try {
    return { store, found: await readFrom(store) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function readFrom(store: JournalStore): Promise<Journal | undefined> {
  const text = await store.read();
  if (text === undefined) return undefined;
  const journal = readJournal(text);
  if (!('problem' in journal)) return journal;
  const hint = 'name the right one by --journal';
  throw new BarnabasError('recovery-refused', `cannot use the journal ${store.place}: ${journal.problem}; ${hint}`);
}

/** Opens both, and closes both. */
export async function withJournal(
  settings: RouteSettings & ClusterTarget & { readonly journal: string },
  world: World,
  work: (kafka: KafkaAdmin, journal: FoundJournal) => Promise<number>,
): Promise<number> {
  const journal = await findJournal(settings, 'write', world);
  try {
    const kafka = await world.openKafka(await findRoute(settings, world));
    try {
      return await work(kafka, journal);
    } finally {
      world.progress.clear();
      await kafka.close();
    }
  } finally {
    await journal.store.close();
  }
}

/** Written at once. */
export async function keepJournal(store: JournalStore, first: Journal): Promise<JournalKeeper> {
  let journal = first;
  const save = async (next: Journal): Promise<void> => {
    await store.write(journalText(next));
    journal = next;
  };
  await save(first);
  return { place: store.place, now: () => journal, save };
}
