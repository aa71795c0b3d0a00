/** `volume.json`: which layout the volume has, and a UUID by which a wrong or empty mount is recognised. */
import type { Parsed } from './record.ts';

export interface VolumeIdentity {
  readonly layout: 1;
  readonly uuid: string;
}

export function parseVolumeIdentity(text: string): Parsed<VolumeIdentity> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { ok: false, why: 'it is torn or not JSON' };
  }
  const { layout, uuid } = (document ?? {}) as Partial<Record<string, unknown>>;
  if (layout !== 1) return { ok: false, why: `its layout is ${String(layout)}, and this version knows layout 1` };
  if (typeof uuid !== 'string' || uuid === '') return { ok: false, why: 'it has no uuid' };
  return { ok: true, value: { layout, uuid } };
}
