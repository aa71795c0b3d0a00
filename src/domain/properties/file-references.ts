/** `<VARIABLE>_FILE`: the property's value stands in a file, as Kubernetes mounts a Secret. */
import { readVariableName } from './names.ts';

export interface FileReference {
  readonly variable: string;
  readonly path: string;
}

/** A referenced file as read, or why it could not be. */
export type ReferencedFile =
  | { readonly path: string; readonly text: string; readonly problem?: undefined }
  | { readonly path: string; readonly problem: string };

/** Which files the environment refers to. An empty variable refers to none. */
export function fileReferences(environment: Readonly<Record<string, string>>): FileReference[] {
  return Object.entries(environment).flatMap(([variable, path]) => {
    const meaning = path === '' ? undefined : readVariableName(variable, path);
    return meaning?.kind === 'key' && meaning.from === 'file' ? [{ variable, path }] : [];
  });
}
