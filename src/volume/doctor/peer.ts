/**
 * The doctor in two places on one volume: both are started, find each other by files, and go through the same experiments.
 *
 * Whoever has the lower nonce leads. A client may keep an old listing for a while (NFS: a minute), so each look is preceded
 * by a change of one's own to that directory, after which a client has to ask the server.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { PeerFindings, Place } from '../../domain/doctor/findings.ts';
import { tryOfdLock } from '../ofd-lock.ts';

export interface Meeting {
  readonly root: string;
  readonly nonce: string;
  readonly place: Place;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

export type Met = { readonly kind: 'met'; readonly findings: PeerFindings } | { readonly kind: 'alone' };

/** The other place went away, or there is a third. */
export class MeetingFailed extends Error {}

const names = 50;
const stepMs = 60_000;
const pollMs = 50;

export const meetingPlace = (root: string): string => join(root, '.barnabas-doctor-peers');

export async function meet(meeting: Meeting): Promise<Met> {
  const directory = meetingPlace(meeting.root);
  fs.mkdirSync(directory, { recursive: true });
  const table = new Table(directory, meeting);
  try {
    table.say('hello', meeting.place);
    const other = await table.findOther();
    if (other === undefined) return { kind: 'alone' };
    const leads = meeting.nonce < other;
    const there = (await table.hear(other, 'hello')) as Place;
    const lock = await (leads ? leadLocks(table, other) : followLocks(table, other));
    const links = await raceLinks(table, other, leads);
    table.say('bye', null);
    await table.awaitLeave(other);
    return {
      kind: 'met',
      findings: { here: meeting.place, there, ...lock, links, seenAfterMs: Math.round(table.slowestMs) },
    };
  } finally {
    table.clear();
  }
}

/** What each says to the other: a file of JSON, named by who and what, that appears whole. */
class Table {
  readonly #directory: string;
  readonly #meeting: Meeting;
  readonly #mine: string[] = [];
  slowestMs = 0;

  constructor(directory: string, meeting: Meeting) {
    this.#directory = directory;
    this.#meeting = meeting;
  }

  at(name: string): string {
    return join(this.#directory, name);
  }

  say(what: string, value: unknown): void {
    const temporary = this.at(`.${this.#meeting.nonce}`);
    fs.writeFileSync(temporary, JSON.stringify({ at: Date.now(), value }));
    fs.renameSync(temporary, this.own(`${this.#meeting.nonce}.${what}`));
  }

  /** A name of ours in the directory, to be removed at the end. */
  own(name: string): string {
    this.#mine.push(name);
    return this.at(name);
  }

  async findOther(): Promise<string | undefined> {
    const others = (): string | undefined =>
      this.#list()
        .filter((name) => name.endsWith('.hello') && !name.startsWith(this.#meeting.nonce))
        .map((name) => name.slice(0, -'.hello'.length))
        .sort()[0];
    return await this.#await(others, this.#meeting.waitMs);
  }

  /** What the other says. Throws if it does not in time. */
  async hear(other: string, what: string): Promise<unknown> {
    const name = `${other}.${what}`;
    const startedMs = Date.now();
    const text = await this.#await(
      () => (this.#list().includes(name) ? fs.readFileSync(this.at(name), 'utf8') : undefined),
      stepMs,
    );
    if (text === undefined) throw new MeetingFailed(`the other place did not say "${what}" within ${stepMs / 1000} s`);
    const { at, value } = JSON.parse(text) as { at: number; value: unknown };
    // Said before one listened, it could not have been seen earlier.
    this.slowestMs = Math.max(this.slowestMs, Date.now() - Math.max(at, startedMs));
    return value;
  }

  /** Until the other has said all that it will, or has left already and taken that with it. */
  async awaitLeave(other: string): Promise<void> {
    const left = (names: readonly string[]): boolean =>
      names.includes(`${other}.bye`) || !names.includes(`${other}.hello`);
    await this.#await(() => left(this.#list()) || undefined, stepMs);
  }

  #list(): string[] {
    const fresh = this.at(`.fresh-${this.#meeting.nonce}`);
    fs.writeFileSync(fresh, '');
    fs.unlinkSync(fresh);
    return fs.readdirSync(this.#directory);
  }

  async #await<T>(look: () => T | undefined, deadlineMs: number): Promise<T | undefined> {
    const untilMs = performance.now() + deadlineMs;
    for (;;) {
      const seen = look();
      if (seen !== undefined) return seen;
      if (performance.now() >= untilMs || this.#meeting.signal.aborted) return undefined;
      await delay(pollMs);
    }
  }

  /** The last one takes the directory with it. */
  clear(): void {
    for (const name of this.#mine) fs.rmSync(this.at(name), { force: true });
    try {
      fs.rmdirSync(this.#directory);
    } catch {
      // The other place is not done yet.
    }
  }
}

type LockSeen = Pick<PeerFindings, 'lockSeen' | 'lockPassedOn'>;

async function leadLocks(table: Table, other: string): Promise<LockSeen> {
  const fd = fs.openSync(table.own('lock'), 'a+');
  try {
    if (!tryOfdLock(fd)) throw new MeetingFailed('the lock of the meeting is taken by a third');
    table.say('locked', null);
    const got = (await table.hear(other, 'tried')) as boolean;
    fs.closeSync(fd);
    table.say('freed', null);
    const then = (await table.hear(other, 'tried-again')) as boolean;
    return { lockSeen: !got, lockPassedOn: then };
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

async function followLocks(table: Table, other: string): Promise<LockSeen> {
  await table.hear(other, 'locked');
  const fd = fs.openSync(table.at('lock'), 'r+');
  try {
    const got = tryOfdLock(fd);
    table.say('tried', got);
    await table.hear(other, 'freed');
    const then = got || tryOfdLock(fd);
    table.say('tried-again', then);
    return { lockSeen: !got, lockPassedOn: then };
  } finally {
    fs.closeSync(fd);
  }
}

/** Both link the same names; a link is won if the own file's link count says so. */
async function raceLinks(table: Table, other: string, leads: boolean): Promise<PeerFindings['links']> {
  const role = leads ? 'a' : 'b';
  const own: string[] = [];
  for (let index = 0; index < names; index += 1) {
    const path = table.own(`from-${role}-${index}`);
    fs.writeFileSync(path, role);
    own.push(path);
  }
  table.say('ready', null);
  await table.hear(other, 'ready');
  for (const [index, path] of own.entries()) {
    try {
      fs.linkSync(path, table.own(`name-${index}`));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  const won = own.map((path) => fs.statSync(path).nlink === 2);
  table.say('won', won);
  const theirs = (await table.hear(other, 'won')) as boolean[];
  const winners = won.map((mine, index) => Number(mine) + Number(theirs[index] === true));
  const count = (wanted: number): number => winners.filter((entry) => entry === wanted).length;
  return { one: count(1), none: count(0), two: count(2) };
}
