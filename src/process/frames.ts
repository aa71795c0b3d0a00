/** A text that is shown again and again: on a terminal each takes the place of the last; elsewhere they follow. */
import { isatty } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import type { Frames } from '../ports-output.ts';
import { writeLine } from './write.ts';

interface Terminal {
  readonly columns: number;
  readonly rows: number;
}

export function openFrames(): Frames {
  let before: string | undefined;
  return {
    show(text) {
      const terminal = isatty(1) ? sizeOf(process.stdout) : undefined;
      const frame = terminal ? fitting(text, terminal) : text;
      const start = before === undefined ? '' : terminal ? backOver(before, terminal) : '\n';
      before = frame;
      return writeLine(1, `${start}${frame}`);
    },
  };
}

/** It may change, and some terminals say that they have none. */
const sizeOf = ({ columns, rows }: Terminal): Terminal => ({ columns: columns || 80, rows: rows || 24 });

/** Up to where the last one began, and all from there is erased. Source: ECMA-48, CUU and ED. */
export const backOver = (frame: string, terminal: Terminal): string =>
  `\u001b[${String(heightOf(frame.split('\n'), terminal))}A\u001b[0J`;

/** What is higher than the terminal would scroll, and could not be taken back: its end is left out. */
export function fitting(text: string, terminal: Terminal): string {
  const lines = text.split('\n');
  if (heightOf(lines, terminal) < terminal.rows) return text;
  const kept = [...lines];
  while (kept.length > 1 && heightOf(kept, terminal) > terminal.rows - 2) kept.pop();
  return [...kept, `… ${String(lines.length - kept.length)} more lines`].join('\n');
}

/** Lines of the terminal: a long line takes several. */
const heightOf = (lines: readonly string[], { columns }: Terminal): number =>
  lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)), 0);
