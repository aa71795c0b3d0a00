/** Randomness from the kernel, without loading node:crypto (2 ms of a claim). Source: random(4), proc(5). */
import { readFileSync } from 'node:fs';
import type { Randomness } from '../ports.ts';

export const systemRandomness: Randomness = {
  uuid: () => readFileSync('/proc/sys/kernel/random/uuid', 'latin1').trim(),
  fraction: () => Math.random(),
};
