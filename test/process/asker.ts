/** Asks on its terminal, and tells what it heard: a process for ask.test.ts. */
import { askPerson } from '../../src/process/ask.ts';

const stopped = new AbortController();
process.once('SIGINT', (signal) => stopped.abort(signal));
const answer = await askPerson('Begin? ', stopped.signal);
process.stdout.write(`heard ${String(answer)}, ${String(stopped.signal.reason ?? 'no signal')}.\n`);
