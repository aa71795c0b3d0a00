/** Plain files outside the volume. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Outcome } from '../domain/protocol/effects.ts';
import type { Files } from '../ports.ts';

export const localFiles: Files = {
  readText: (path) => outcome(() => fs.readFileSync(path, 'utf8')),
  makeTemporaryDirectory: () => fs.mkdtempSync(join(tmpdir(), 'barnabas-')),
  removeTemporaryDirectory: (path) => fs.rmSync(path, { recursive: true, force: true }),
  isWritableDirectory(path) {
    const checked = outcome(() => {
      fs.accessSync(path, fs.constants.W_OK | fs.constants.X_OK);
      return fs.statSync(path).isDirectory();
    });
    return checked.ok && checked.value;
  },
  writeAtomically: (path, text) => outcome(() => writeAtomically(path, text)),
  overwrite: (path, text) => outcome(() => overwrite(path, text)),
};

function outcome<T>(call: () => T): Outcome<T> {
  try {
    return { ok: true, value: call() };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { ok: false, errno: code };
  }
}

/** In place: the kubelet has mounted that very file. */
function overwrite(path: string, text: string): void {
  const fd = fs.openSync(path, 'r+');
  try {
    fs.ftruncateSync(fd);
    fs.writeFileSync(fd, text);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * 1. write beside the target and fsync   crash: a file that nobody reads
 * 2. rename over the target              crash: the new file, whole
 * 3. fsync the directory
 */
function writeAtomically(path: string, text: string): void {
  const temporary = `${path}.${String(process.pid)}.tmp`;
  const fd = fs.openSync(temporary, 'w', 0o640);
  try {
    fs.writeFileSync(fd, text);
    fs.fsyncSync(fd);
    fs.renameSync(temporary, path);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  } finally {
    fs.closeSync(fd);
  }
  const directory = fs.openSync(dirname(path), 'r');
  try {
    fs.fsyncSync(directory);
  } finally {
    fs.closeSync(directory);
  }
}
