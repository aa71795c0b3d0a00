/** Our own directory on the volume: made when first needed, never before something is to be claimed. */
import { parseVolumeIdentity, type VolumeIdentity } from '../volume-identity.ts';
import { makeDirectory, read, removeDirectory, type Step } from './effects.ts';
import { AlienVolume, VolumeFailure } from './failure.ts';
import { claimsDirectory, ourDirectory, temporaryDirectory, volumeFile } from './paths.ts';
import { publish } from './publish.ts';

/** The volume's identity, or undefined if nobody has claimed anything on it yet. */
export function* readIdentity(): Step<VolumeIdentity | undefined> {
  const text = yield* read(volumeFile);
  if (!text.ok) {
    if (text.errno === 'ENOENT') return undefined;
    if (text.errno === 'ENOTDIR')
      throw new AlienVolume(`${ourDirectory} is not a directory, so this is no volume of ours`);
    throw new VolumeFailure('read', volumeFile, text.errno);
  }
  const identity = parseVolumeIdentity(text.value);
  if (!identity.ok) throw new AlienVolume(`${volumeFile} can't be believed: ${identity.why}`);
  return identity.value;
}

/** Makes what is missing. On failure takes away again what it made itself, if nobody has put anything in it since. */
export function* ensureLayout(): Step<VolumeIdentity> {
  const known = yield* readIdentity();
  const made: string[] = [];
  try {
    for (const path of [ourDirectory, temporaryDirectory, claimsDirectory]) {
      if (yield* makeIfMissing(path)) made.push(path);
    }
    if (known) return known;
    // First writer wins: whoever loses reads the winner's.
    yield* publish({
      directory: ourDirectory,
      path: volumeFile,
      write: (uuid) => `${JSON.stringify({ layout: 1, uuid }, null, 2)}\n`,
    });
  } catch (error) {
    for (const path of made.reverse()) yield* removeDirectory(path);
    throw error;
  }
  const identity = yield* readIdentity();
  if (!identity) throw new VolumeFailure('read', volumeFile, 'ENOENT');
  return identity;
}

/** True if this call made it. */
export function* makeIfMissing(path: string): Step<boolean> {
  const made = yield* makeDirectory(path);
  if (!made.ok && made.errno !== 'EEXIST') throw new VolumeFailure('make', path, made.errno);
  return made.ok;
}
