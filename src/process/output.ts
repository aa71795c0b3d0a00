/** Results on stdout: text, JSON, or a table. */
import Table from 'cli-table3';
import type { Output } from '../ports.ts';

const plainChars = {
  'top': '', 'top-mid': '', 'top-left': '', 'top-right': '',
  'bottom': '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  'left': '', 'left-mid': '', 'mid': '', 'mid-mid': '', 'right': '', 'right-mid': '', 'middle': '  ',
}; // prettier-ignore

export function createOutput(stream: NodeJS.WriteStream): Output {
  const print = (text: string): void => void stream.write(`${text}\n`);
  return {
    isTerminal: stream.isTTY && process.env['NO_COLOR'] === undefined,
    print,
    json: (value) => print(JSON.stringify(value, null, 2)),
    table(head, rows) {
      const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 };
      const table = new Table({ head: [...head], chars: plainChars, style });
      table.push(...rows.map((row) => [...row]));
      print(table.toString().replace(/ +$/gm, ''));
    },
  };
}
