/** The overlays as kustomize renders them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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
export const render = (overlay: string): Manifest[] => build(join(root, 'manifests/overlays', overlay));

/** As somebody would who wants a component besides. */
export function renderWith(overlay: string, component: string): Manifest[] {
  // Kustomize reads no file that is named absolutely.
  const folder = mkdtempSync(join(root, 'manifests/.test-'));
  try {
    const lines = [
      'apiVersion: kustomize.config.k8s.io/v1beta1',
      ...['kind: Kustomization', 'namespace: kafka', `resources: [../overlays/${overlay}]`],
      `components: [../components/${component}]`,
    ];
    writeFileSync(join(folder, 'kustomization.yaml'), lines.join('\n'));
    return build(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function build(folder: string): Manifest[] {
  command ??= execFileSync('bash', [join(root, 'scripts/ensure-kustomize.sh')], { encoding: 'utf8' })
    .trim()
    .split(' ');
  const [program = '', ...words] = command;
  return parse(execFileSync(program, [...words, folder], { encoding: 'utf8' }));
}
