/** Colours for people: none off a terminal, whatever the machine of a build says of itself. */
import { isatty } from 'node:tty';
import picocolors from 'picocolors';
import type { Tone } from '../ports.ts';

const colours = { good: 'green', waits: 'yellow', bad: 'red', faint: 'dim' } as const;

export const paint = (tone: Tone, text: string): string =>
  picocolors.createColors(isatty(1) && picocolors.isColorSupported)[colours[tone]](text);
