/** The overlays as kustomize renders them. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { KubernetesObject } from '@kubernetes/client-node';
import { loadAll } from 'js-yaml';

export const root = resolve(import.meta.dirname, '../..');
export const overlays = readdirSync(join(root, 'manifests/overlays'));

export interface Manifest extends KubernetesObject {
  readonly kind: string;
  readonly metadata: NonNullable<KubernetesObject['metadata']> & { readonly name: string };
}

export const parse = (text: string): Manifest[] => loadAll(text) as Manifest[];

let command: readonly string[] | undefined;

/** Throws with what kustomize says. */
export function render(overlay: string): Manifest[] {
  command ??= execFileSync('bash', [join(root, 'scripts/ensure-kustomize.sh')], { encoding: 'utf8' })
    .trim()
    .split(' ');
  const [program = '', ...words] = command;
  return parse(execFileSync(program, [...words, join(root, 'manifests/overlays', overlay)], { encoding: 'utf8' }));
}
