/** A volume as a cluster leaves it: every id claimed before, all but the last held by the living, the last one released. */
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import extensions from 'fs-native-extensions';
import { serialiseLockNote } from '../src/domain/lock-note.ts';
import { serialise, type ClaimRecord } from '../src/domain/record.ts';

export interface BenchVolume {
  readonly path: string;
  /** Puts back what one claim has changed. */
  reset(): void;
  /** Lets go of the locks of the living. */
  close(): void;
}

/** The locks are held by this process. */
export function makeVolume(path: string, logDirs: number): BenchVolume {
  const claims = join(path, '.barnabas/claims');
  mkdirSync(claims, { recursive: true });
  mkdirSync(join(path, '.barnabas/tmp'));
  writeFileSync(join(path, '.barnabas/volume.json'), '{"layout":1,"uuid":"bench"}\n');
  const held: number[] = [];
  for (let id = 0; id < logDirs; id += 1) {
    const lives = id < logDirs - 1;
    const logDir = join(path, `kafka-logs-${id}`);
    mkdirSync(logDir);
    writeFileSync(join(logDir, 'meta.properties'), `version=0\nbroker.id=${id}\ncluster.id=OTMwNzFhYTktOTMwNzFhOQ\n`);
    writeFileSync(join(logDir, '.lock'), '');
    putClaim(join(claims, String(id)), id, lives);
    if (lives) held.push(lock(join(logDir, '.lock')), lock(join(claims, String(id), 'lock')));
  }
  const last = join(claims, String(logDirs - 1));
  return {
    path,
    reset() {
      for (const name of readdirSync(last)) {
        if (/^g0*[2-9]\d*/.test(name)) rmSync(join(last, name));
      }
      writeFileSync(join(last, 'lock'), note('ended'));
    },
    close() {
      for (const fd of held.splice(0)) closeSync(fd);
    },
  };
}

const note = (state: 'running' | 'ended'): string =>
  serialiseLockNote({ generation: 1, state, beat: 1, registration: null });

function putClaim(directory: string, id: number, lives: boolean): void {
  mkdirSync(directory);
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const pod = { name: `kafka-${id}`, namespace: '', uid: `uid-${id}` };
  const base = { layout: 1, id, generation: 1, nonce: `nonce-${id}`, wallTime: '2026-01-01T00:00:00.000Z' } as const;
  const record: ClaimRecord = { ...base, pod, node: null, bootId, mode: 'wrapper', start: 1 };
  writeFileSync(join(directory, 'g00000001'), serialise(record));
  if (!lives) {
    writeFileSync(join(directory, 'g00000001.end'), serialise({ ...base, kind: 'released', by: pod, detail: 'bench' }));
  }
  writeFileSync(join(directory, 'lock'), note(lives ? 'running' : 'ended'));
}

function lock(path: string): number {
  const fd = openSync(path, 'r+');
  if (!extensions.tryLock(fd)) throw new Error(`cannot lock ${path}`);
  return fd;
}
