/**
 * Publishing a document under a name that nobody has published yet: the compare-and-swap of the claim.
 *
 *  1. write it whole to `tmp/` and fsync it            crash: litter in tmp/, which nothing reads
 *  2. link it to its name; the first to link wins      crash: it is published, with one more name in tmp/
 *  3. fsync the directory of the name                  crash: published; a machine's crash may lose the name,
 *                                                      but then the process that would have used it is gone too
 *  4. unlink the temporary name
 *
 * A network file system may answer an error to a link that was done (a lost reply), so after any error the name itself
 * is read back, and the nonce in it says whose it is.
 */
import { create, link, nonce, read, syncDirectory, unlink, type Step } from './effects.ts';
import { VolumeFailure } from './failure.ts';
import { temporaryFile } from './paths.ts';

export interface Publication {
  readonly directory: string;
  readonly path: string;
  /** The document, given the nonce that goes into it. */
  readonly write: (nonce: string) => string;
}

/** True if our document has the name; false if another's has. Throws VolumeFailure if nobody's has. */
export function* publish({ directory, path, write }: Publication): Step<boolean> {
  const ours = yield* nonce();
  const temporary = temporaryFile(ours);
  const created = yield* create(temporary, write(ours));
  if (!created.ok) throw new VolumeFailure('write', temporary, created.errno);
  const linked = yield* link(temporary, path);
  const won = linked.ok || (yield* isOurs(path, ours, linked.errno));
  if (won) {
    const synced = yield* syncDirectory(directory);
    if (!synced.ok) {
      yield* unlink(temporary);
      throw new VolumeFailure('sync', directory, synced.errno);
    }
  }
  // Litter if it fails, and nothing reads it.
  yield* unlink(temporary);
  return won;
}

/** Settles an error of link by what stands under the name. */
function* isOurs(path: string, ours: string, errno: string): Step<boolean> {
  const found = yield* read(path);
  if (found.ok) return found.value.includes(`"${ours}"`);
  yield* unlink(temporaryFile(ours));
  if (errno === 'EEXIST') throw new VolumeFailure('read', path, found.errno);
  throw new VolumeFailure('link', path, errno);
}
