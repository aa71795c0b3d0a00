/** One line on stderr that is written over, for whoever watches a terminal. */
import { isatty } from 'node:tty';
import { writeSync } from 'node:fs';
import type { Progress } from '../ports-output.ts';

const eraseLine = '\r\u001b[K';

/** Elsewhere, and where log lines are for machines, nobody watches. */
export function terminalProgress({ logFormat }: { readonly logFormat: 'text' | 'json' }): Progress {
  const watched = logFormat === 'text' && isatty(2) && process.env['TERM'] !== 'dumb';
  let shown = false;
  return {
    watched,
    show(text) {
      if (!watched) return;
      shown = true;
      const columns = process.stderr.columns || 80;
      writeSync(2, `${eraseLine}${text.length < columns ? text : `${text.slice(0, columns - 2)}…`}`);
    },
    clear() {
      if (shown) writeSync(2, eraseLine);
      shown = false;
    },
  };
}
