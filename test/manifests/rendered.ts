/** The shipped manifests as kustomize renders them, by kubectl(1). */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { V1Container, V1ObjectMeta, V1PodTemplateSpec, V1Service } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';

const folder = resolve(import.meta.dirname, '../../manifests/overlays');

export const overlays = (): string[] => readdirSync(folder);

export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: V1ObjectMeta;
  readonly spec?: {
    readonly template?: V1PodTemplateSpec;
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly volumeClaimTemplates?: readonly { readonly metadata?: V1ObjectMeta }[];
  };
}

export function render(overlay: string): Rendered[] {
  try {
    const text = execFileSync('kubectl', ['kustomize', join(folder, overlay)], { encoding: 'utf8', stdio: 'pipe' });
    return parseAllDocuments(text).map((document) => document.toJS() as Rendered);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error('kubectl is needed to render the manifests: install it', { cause: error });
  }
}

export interface Workload {
  readonly name: string;
  readonly object: Rendered;
  readonly template: V1PodTemplateSpec;
}

/** Whatever makes pods. */
export const workloads = (objects: readonly Rendered[]): Workload[] =>
  objects.flatMap((object) => {
    const template = object.spec?.template;
    return template ? [{ name: `${object.kind} ${object.metadata.name ?? ''}`, object, template }] : [];
  });

export const containersOf = ({ spec }: V1PodTemplateSpec): V1Container[] => [
  ...(spec?.initContainers ?? []),
  ...(spec?.containers ?? []),
];

export const services = (objects: readonly Rendered[]): V1Service[] =>
  objects.filter(({ kind }) => kind === 'Service').map((object) => object as unknown as V1Service);
