/** Keeps the books of a load: which messages were acknowledged, and what became of them. Pure. */
import type { LoadCounts } from './verdict.ts';

export interface Ledger {
  /** The next number to send to a partition. */
  next(partition: number): number;
  acknowledged(partition: number, numbers: readonly number[], atMs: number): void;
  consumed(partition: number, number: number): void;
  /** Acknowledged so far, and not consumed yet. */
  outstanding(): number;
  counts(): LoadCounts;
  /** The longest stall so far, in milliseconds; from now on they are counted anew. */
  takeStall(): number;
}

interface Account {
  next: number;
  readonly acknowledged: Set<number>;
  readonly seen: Set<number>;
  highest: number;
}

export function openLedger(startMs: number): Ledger {
  const accounts = new Map<number, Account>();
  const of = (partition: number): Account => {
    const account = accounts.get(partition) ?? { next: 0, acknowledged: new Set(), seen: new Set(), highest: -1 };
    accounts.set(partition, account);
    return account;
  };
  let [owed, outOfOrder, duplicates, longestStallMs, lastMs] = [0, 0, 0, 0, startMs];
  const all = (): Account[] => [...accounts.values()];
  const sum = (count: (account: Account) => number): number => all().reduce((total, one) => total + count(one), 0);
  return {
    next(partition) {
      const account = of(partition);
      account.next += 1;
      return account.next - 1;
    },
    acknowledged(partition, numbers, atMs) {
      const account = of(partition);
      for (const number of numbers) {
        account.acknowledged.add(number);
        // What was consumed before its acknowledgement came is owed no more.
        if (!account.seen.has(number)) owed += 1;
      }
      longestStallMs = Math.max(longestStallMs, atMs - lastMs);
      lastMs = atMs;
    },
    consumed(partition, number) {
      const account = of(partition);
      if (account.seen.has(number)) duplicates += 1;
      else {
        if (number < account.highest) outOfOrder += 1;
        if (account.acknowledged.has(number)) owed -= 1;
      }
      account.seen.add(number);
      account.highest = Math.max(account.highest, number);
    },
    outstanding: () => owed,
    takeStall() {
      const longest = Math.round(longestStallMs);
      longestStallMs = 0;
      return longest;
    },
    counts: () => ({
      acknowledged: sum(({ acknowledged }) => acknowledged.size),
      consumed: sum(({ seen }) => seen.size),
      lost: owed,
      outOfOrder,
      duplicates,
      longestStallMs: Math.round(longestStallMs),
    }),
  };
}
