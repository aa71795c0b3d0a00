/** How long ago, as kubectl says it. Two clocks are compared: for people only. */
const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

export function ageOf(time: string | null, now: string): string {
  const seconds = time === null ? Number.NaN : Math.round((Date.parse(now) - Date.parse(time)) / 1000);
  if (Number.isNaN(seconds)) return '-';
  for (const [unit, size] of units) if (seconds >= 2 * size) return `${Math.floor(seconds / size)}${unit}`;
  return `${Math.max(0, seconds)}s`;
}
