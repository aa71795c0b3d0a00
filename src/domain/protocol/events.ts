/** What the protocol tells while it runs; the runner's owner turns it into log lines. */
import type { Decision } from '../decisions.ts';

export type ProtocolEvent =
  | { readonly kind: 'waiting'; readonly decisions: readonly Decision[]; readonly leftMs: number }
  | { readonly kind: 'settling'; readonly ms: number }
  | { readonly kind: 'uncollected'; readonly path: string; readonly errno: string };
