/** Results on stdout: text, JSON, or a table. */
import type { Output } from '../ports-output.ts';
import { writeLine } from './write.ts';

export const standardOutput: Output = {
  print: (text) => void writeLine(1, text),
  json: (value) => void writeLine(1, JSON.stringify(value, null, 2)),
  async table(head, rows) {
    writeLine(1, await standardOutput.tableText(head, rows));
  },
  tableText: async (head, rows) => (await import('./table.ts')).formatTable(head, rows),
  frames: async () => (await import('./frames.ts')).openFrames(),
  paint: async (tone, text) => (await import('./paint.ts')).paint(tone, text),
};
