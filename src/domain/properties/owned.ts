/** What the agent alone decides. Whoever sets it too is told, and never silently overruled. */
import type { Entries, Findings } from './layers.ts';

const owned: Readonly<Record<string, string>> = {
  'broker.id': 'the claimed broker id',
  'node.id': 'the claimed broker id',
  'log.dirs': "the claimed id's log dir on the volume",
  'log.dir': "the claimed id's log dir on the volume",
};

/** Takes the owned keys out. `-1` or nothing for an id means that it is to be claimed, and is no conflict. */
export function removeOwned(entries: Entries, { problems }: Findings): void {
  for (const [key, what] of Object.entries(owned)) {
    const entry = entries.get(key);
    entries.delete(key);
    if (!entry || entry.value.trim() === '' || (key.endsWith('.id') && entry.value.trim() === '-1')) continue;
    problems.push(
      `${entry.source} sets ${key} to ${entry.value}, and Barnabas sets ${key} to ${what}: remove ${entry.source}`,
    );
  }
}
