/** Where everything stands on the volume, relative to its root (the contract: docs/contract.md). */
import { parseBrokerId } from '../ids.ts';

export const ourDirectory = '.barnabas';
export const volumeFile = `${ourDirectory}/volume.json`;
export const temporaryDirectory = `${ourDirectory}/tmp`;
export const claimsDirectory = `${ourDirectory}/claims`;

export const claimDirectory = (id: number): string => `${claimsDirectory}/${id}`;
export const lockFile = (id: number): string => `${claimDirectory(id)}/lock`;
export const recordFile = (id: number, generation: number): string =>
  `${claimDirectory(id)}/g${String(generation).padStart(8, '0')}`;
export const endFile = (id: number, generation: number): string => `${recordFile(id, generation)}.end`;
export const temporaryFile = (nonce: string): string => `${temporaryDirectory}/${nonce}`;

/** The documents in one id's claim directory, by generation. */
export interface Generations {
  /** The highest generation with a record; 0 if there is none. */
  readonly top: number;
  /** Whether the top generation has an end certificate. */
  readonly ended: boolean;
  /** All documents, records and certificates, for the collection of old ones. */
  readonly documents: readonly { readonly name: string; readonly generation: number }[];
}

export function readGenerations(names: readonly string[]): Generations {
  const documents = names.flatMap((name) => {
    const match = /^g(\d{8,15})(\.end)?$/.exec(name);
    return match ? [{ name, generation: Number(match[1]), isEnd: match[2] !== undefined }] : [];
  });
  const top = documents.reduce((best, entry) => (entry.isEnd ? best : Math.max(best, entry.generation)), 0);
  const ended = documents.some((entry) => entry.isEnd && entry.generation === top);
  return { top, ended, documents };
}

export const claimedId = (name: string): number | undefined => parseBrokerId(name);
