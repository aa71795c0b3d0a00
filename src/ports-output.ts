/** What people and programs get to see: results on stdout, and what goes on. */

/** A broker has a colour of its own. */
export type Tone = 'good' | 'waits' | 'bad' | 'faint' | { readonly broker: number };

/** What changes on a terminal, and follows one another elsewhere. */
export interface Frames {
  /** False if nobody reads any more. */
  show(text: string): boolean;
}

/** Results, on stdout. */
export interface Output {
  print(text: string): void;
  json(value: unknown): void;
  table(head: readonly string[], rows: readonly (readonly string[])[]): Promise<void>;
  tableText(head: readonly string[], rows: readonly (readonly string[])[]): Promise<string>;
  frames(): Promise<Frames>;
  /** On a terminal that shows colours; elsewhere the text as it is. */
  paint(tone: Tone, text: string): Promise<string>;
}

/** What goes on, for whoever watches a terminal; elsewhere nothing is shown, and log lines tell it. */
export interface Progress {
  readonly watched: boolean;
  /** In place of what was shown before. */
  show(text: string): void;
  clear(): void;
}
