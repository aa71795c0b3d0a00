/** Colours for people: none off a terminal, whatever the machine of a build says of itself. */
import { isatty } from 'node:tty';
import picocolors from 'picocolors';
import type { Tone } from '../ports-output.ts';

const colours = { good: 'green', waits: 'yellow', bad: 'red', faint: 'dim' } as const;
const ofBrokers = ['cyan', 'magenta', 'blue', 'yellow', 'green', 'cyanBright', 'magentaBright', 'blueBright'] as const;

export function paint(tone: Tone, text: string): string {
  const name = typeof tone === 'string' ? colours[tone] : (ofBrokers[tone.broker % ofBrokers.length] ?? 'cyan');
  return picocolors.createColors(isatty(1) && picocolors.isColorSupported)[name](text);
}
