/** Which broker takes the place of which. */
import { parseBrokerId } from '../ids.ts';

export interface Replacement {
  /** The id that is lost. */
  readonly old: number;
  readonly new: number;
}

/** `1003=1004,1005=1006`. No id may stand twice: neither two heirs of one, nor one heir of two, nor a chain. */
export function parseReplacements(text: string): readonly Replacement[] | { readonly problem: string } {
  const pairs = text.split(',').map((pair) => /^(\d+)=(\d+)$/.exec(pair.trim())?.slice(1).map(parseBrokerId));
  const read = pairs.flatMap((pair) => {
    const [old, heir] = pair ?? [];
    return old === undefined || heir === undefined ? [] : [{ old, new: heir }];
  });
  if (read.length < pairs.length) return { problem: `"${text}" is not OLD=NEW, such as 1003=1004` };
  const ids = read.flatMap((each) => [each.old, each.new]);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  return twice === undefined ? read : { problem: `"${text}" names broker ${twice} twice` };
}

/** NEW stands where OLD stood, so that preferred leadership goes with it. */
export const heirsIn = (replicas: readonly number[], replace: readonly Replacement[]): number[] =>
  replicas.map((id) => replace.find(({ old }) => old === id)?.new ?? id);

export const describeReplacements = (replace: readonly Replacement[]): string =>
  replace.map((each) => `${each.old}=${each.new}`).join(',');
