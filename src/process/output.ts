/** Results on stdout: text, JSON, or a table. */
import type { Output } from '../ports.ts';
import { writeLine } from './write.ts';

export const standardOutput: Output = {
  print: (text) => writeLine(1, text),
  json: (value) => writeLine(1, JSON.stringify(value, null, 2)),
  async table(head, rows) {
    const { formatTable } = await import('./table.ts');
    writeLine(1, formatTable(head, rows));
  },
  paint: async (tone, text) => (await import('./paint.ts')).paint(tone, text),
};
