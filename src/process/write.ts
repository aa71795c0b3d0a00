/** Writing whole lines to a descriptor at once, without the streams that Node.js builds at first use (8 ms of a claim). */
import { writeSync } from 'node:fs';

/**
 * A pipe that somebody else made non-blocking may be full: then the stream, which waits, takes the rest. False if nobody
 * reads any more.
 */
export function writeLine(fd: 1 | 2, line: string): boolean {
  const bytes = Buffer.from(`${line}\n`);
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(fd, bytes, written);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') return false;
    if (code !== 'EAGAIN') throw error;
    (fd === 1 ? process.stdout : process.stderr).write(bytes.subarray(written));
  }
  return true;
}
