/** A question to the person at the terminal. */
import { createInterface } from 'node:readline/promises';
import { isatty } from 'node:tty';

/** Undefined where nobody can type, and when the signal aborts. */
export async function askPerson(question: string, signal: AbortSignal): Promise<string | undefined> {
  if (!isatty(0) || !isatty(2)) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // A terminal that is read key by key makes no signal of Ctrl-C.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return (await terminal.question(question, { signal })).trim();
  } catch (error) {
    if (signal.aborted || (error as NodeJS.ErrnoException).code === 'ABORT_ERR') return undefined;
    throw error;
  } finally {
    terminal.close();
  }
}
