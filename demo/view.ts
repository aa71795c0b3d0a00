/** How the demo shows what happens: steps with times and a table that changes on a terminal, plain lines elsewhere. */
import pc from 'picocolors';
import { formatTable } from '../src/process/table.ts';

export interface View {
  /** One step, with the time since the start. */
  readonly step: (text: string) => void;
  /** Lines without a time. */
  readonly print: (text: string) => void;
  /** The state of things: replaces the last one on a terminal, and is left out elsewhere. */
  live(head: readonly string[], rows: readonly (readonly string[])[]): void;
  /** A table that stays. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
  /** Ends the live table. */
  close(): void;
}

export interface ViewOptions {
  readonly stream: NodeJS.WriteStream;
  readonly startMs: number;
}

export function openView({ stream, startMs }: ViewOptions): View {
  const colors = pc.createColors(stream.isTTY && process.env['NO_COLOR'] === undefined);
  let liveText = '';
  const erase = (): void => {
    const lines = liveText === '' ? 0 : liveText.split('\n').length;
    if (lines > 0) stream.write(`\u001b[${lines}A\u001b[0J`);
  };
  const above = (text: string): void => {
    erase();
    stream.write(`${text}\n`);
    if (liveText !== '') stream.write(`${liveText}\n`);
  };
  return {
    step: (text) =>
      above(`${colors.dim(`${((performance.now() - startMs) / 1000).toFixed(1).padStart(5)} s`)}  ${text}`),
    print: above,
    live(head, rows) {
      if (!stream.isTTY) return;
      erase();
      liveText = `\n${formatTable(head, rows)}`;
      stream.write(`${liveText}\n`);
    },
    table: (head, rows) =>
      above(
        `\n${formatTable(
          head.map((word) => colors.bold(word)),
          rows,
        )}\n`,
      ),
    close() {
      erase();
      liveText = '';
    },
  };
}

/** `1.4 s`, or what was not seen. */
export const seconds = (ms: number | null): string => (ms === null ? 'not seen' : `${(ms / 1000).toFixed(1)} s`);
