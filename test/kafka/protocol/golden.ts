/** The bytes of every message, as Kafka's own classes write them: test/java/protocol.test.ts keeps them true. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const goldenFile = join(import.meta.dirname, 'golden.txt');

/** In hexadecimal, by key. */
export function readGolden(): ReadonlyMap<string, string> {
  const lines = readFileSync(goldenFile, 'utf8').trim().split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(': ')), line.slice(line.lastIndexOf(': ') + 2)]));
}
