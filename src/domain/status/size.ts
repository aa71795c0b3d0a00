/** Bytes for people: `1.4 GB`. */
const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

export function sizeOf(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power] ?? ''}`;
}
