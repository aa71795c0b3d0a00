/** Fields that Kubernetes' API does not have, and values of a kind that it would refuse, by the models of its client. */
import * as client from '@kubernetes/client-node';
import type { Manifest } from './render.ts';

interface Model {
  getAttributeTypeMap(): readonly { readonly baseName: string; readonly type: string }[];
}

const models = client as unknown as Readonly<Record<string, Model | undefined>>;

export function wrongFields(manifest: Manifest): string[] {
  if (!/(^|\/)v1$/.test(manifest.apiVersion ?? ''))
    return [`${manifest.kind}: apiVersion ${manifest.apiVersion ?? ''}`];
  return wrong(manifest, `V1${manifest.kind}`, manifest.kind);
}

function wrong(value: unknown, type: string, path: string): string[] {
  const list = /^Array<(.*)>$/.exec(type)?.[1];
  if (list !== undefined) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((entry, index) => wrong(entry, list, `${path}[${index}]`));
  }
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (map !== undefined) return fieldsOf(value).flatMap(([key, entry]) => wrong(entry, map, `${path}.${key}`));
  if (/^(string|number|boolean)$/.test(type)) return typeof value === type ? [] : [`${path} is no ${type}`];
  if (type === 'IntOrString')
    return /^(string|number)$/.test(typeof value) ? [] : [`${path} is neither int nor string`];
  const known = models[type]?.getAttributeTypeMap();
  if (!known) return [`${path}: there is no ${type}`];
  return fieldsOf(value).flatMap(([key, entry]) => {
    const field = known.find(({ baseName }) => baseName === key);
    return field ? wrong(entry, field.type, `${path}.${key}`) : [`${path} has no field ${key}`];
  });
}

const fieldsOf = (value: unknown): [string, unknown][] => Object.entries(value ?? {});
