/** What a benchmark found. */
import { formatTable } from '../src/process/table.ts';

export interface Measured {
  readonly what: string;
  readonly value: number;
  /** What it must not exceed; undefined for a figure that only informs. */
  readonly limit?: number;
}

export interface Result {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
  readonly findings: readonly Measured[];
}

/** NaN, something not seen, is never within. */
export const isWithin = ({ value, limit }: Measured): boolean => limit === undefined || value <= limit;

export function formatResult({ title, rows, findings }: Result): string {
  const limits = findings.map((finding) => {
    const { what, value, limit } = finding;
    const held = limit === undefined ? '' : `${isWithin(finding) ? 'within' : 'ABOVE'} ${limit.toFixed(2)}`;
    return [what, value.toFixed(2), held];
  });
  return [
    `\n${title}`,
    formatTable(['WHAT', 'TIME'], rows),
    '',
    formatTable(['FIGURE', 'VALUE', 'LIMIT'], limits),
  ].join('\n');
}
