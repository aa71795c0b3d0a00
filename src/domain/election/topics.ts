/** Which topics are meant, by names and patterns: `*` stands for any characters, `?` for one. No topic's name has these. */
import type { PartitionView } from '../kafka-view.ts';

export type Chosen = (partition: PartitionView) => boolean;

/** No pattern means every topic. */
export function choose(patterns: readonly string[]): (partition: Pick<PartitionView, 'topic'>) => boolean {
  if (patterns.length === 0) return () => true;
  const known = new Map<string, boolean>();
  return ({ topic }) => {
    const before = known.get(topic);
    if (before !== undefined) return before;
    const is = patterns.some((pattern) => matches(pattern, topic));
    known.set(topic, is);
    return is;
  };
}

/** Patterns that mean no topic at all. */
export function meaningNothing(patterns: readonly string[], partitions: readonly PartitionView[]): string[] {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  return patterns.filter((pattern) => !topics.some((topic) => matches(pattern, topic)));
}

const isPattern = (text: string): boolean => /[*?]/.test(text);

function matches(pattern: string, topic: string): boolean {
  if (!isPattern(pattern)) return pattern === topic;
  const source = pattern.replace(/[^*?]+/g, (part) => part.replace(/[^\w-]/g, '\\$&'));
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(topic);
}
