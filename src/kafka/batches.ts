/** One after another, so that no single request is more than a cluster takes. */
export async function inBatches<T, Answer>(
  items: readonly T[],
  size: number,
  ask: (batch: readonly T[]) => Promise<readonly Answer[]>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let from = 0; from < items.length; from += size) {
    for (const answer of await ask(items.slice(from, from + size))) answers.push(answer);
  }
  return answers;
}
