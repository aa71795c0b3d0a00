/** Amounts in words, for people. */
import { nameOf, type PartitionName } from '../kafka-view.ts';

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

export function bytesInWords(bytes: number | null): string {
  if (bytes === null) return 'unknown';
  let power = 0;
  let value = bytes;
  for (; value >= 999.5 && power < units.length - 1; power += 1) value /= 1000;
  return `${power === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[power] ?? ''}`;
}

export function durationInWords(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Such as `orders-1, orders-2 and 7 more`. */
export function someOf(partitions: readonly PartitionName[], most = 5): string {
  const shown = partitions.slice(0, most).map(nameOf).join(', ');
  return partitions.length > most ? `${shown} and ${partitions.length - most} more` : shown;
}

export const sameOrder = (one: readonly number[], other: readonly number[]): boolean =>
  one.length === other.length && one.every((id, index) => id === other[index]);

export const sameSet = (one: readonly number[], other: readonly number[]): boolean =>
  one.length === other.length && one.every((id) => other.includes(id));
