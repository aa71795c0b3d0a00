/** Results on stdout: text, JSON, or a table. */
import type { Output } from '../ports.ts';
import { writeLine } from './write.ts';

const noLines = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .map((part) => [part, '']),
);

export const standardOutput: Output = {
  print: (text) => writeLine(1, text),
  json: (value) => writeLine(1, JSON.stringify(value, null, 2)),
  async table(head, rows) {
    const { default: Table } = await import('cli-table3');
    const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 };
    const table = new Table({ head: [...head], chars: { ...noLines, middle: '  ' }, style });
    table.push(...rows.map((row) => [...row]));
    writeLine(1, table.toString().replace(/ +$/gm, ''));
  },
};
