/** Whom to ask: any broker, a certain one, or the controller. Connections are kept, and given up at their first fault. */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { formatAddress, type BrokerAddress } from '../domain/broker-address.ts';
import { BarnabasError } from '../errors.ts';
import { AttemptsFailed, firstOf } from './first-of.ts';
import { openLink, type Link, type Way } from './link.ts';
import type { Api } from './protocol/api.ts';
import { describeQuorum } from './protocol/describe-quorum.ts';
import { metadata, type Metadata } from './protocol/metadata.ts';

export interface KafkaReach extends Way {
  /** Brokers that live now; asked whenever none is connected. */
  readonly bootstrap: () => Promise<readonly BrokerAddress[]>;
}

/** One question, and how long its answer may take. */
export interface Question<Request, Answer> {
  readonly api: Api<Request, Answer>;
  readonly request: Request;
  readonly timeoutMs?: number;
}

/** An answer, and who gave it. */
export interface Answered<Answer> {
  readonly answer: Answer;
  readonly link: Link;
}

const metadataMs = 10_000;
/** How long a cluster may be without a controller. */
const controllerMs = 10_000;
const controllerPollMs = 200;

export class Brokers {
  readonly #reach: KafkaReach;
  readonly #links = new Map<string, Promise<Link>>();
  /** By id, as they were last known. */
  #known: ReadonlyMap<number, BrokerAddress> = new Map();
  #favourite: Link | undefined;
  readonly #closing = new AbortController();

  constructor(reach: KafkaReach) {
    this.#reach = reach;
    // One listener for each broker.
    setMaxListeners(0, this.#closing.signal);
  }

  /** Anyone; another where the first fails. */
  async ask<Request, Answer>(question: Question<Request, Answer>): Promise<Answered<Answer>> {
    const link = await this.any();
    try {
      return { answer: await this.askOf(link, question), link };
    } catch (error) {
      if (!isFault(error)) throw error;
      const other = await this.any();
      return { answer: await this.askOf(other, question), link: other };
    }
  }

  async askOf<Request, Answer>(link: Link, question: Question<Request, Answer>): Promise<Answer> {
    try {
      return await link.send(question.api, question.request, question.timeoutMs);
    } catch (error) {
      if (isFault(error)) this.#drop(link);
      throw error;
    }
  }

  /** In ZooKeeper mode the controller alone decides, and it changes: asked until who answers is none that refuses. */
  async askController<Request, Answer>(
    question: Question<Request, Answer>,
    isRefusal: (answer: Answer) => boolean,
  ): Promise<Answer> {
    const until = performance.now() + controllerMs;
    for (;;) {
      const link = await this.controller();
      try {
        const answer = await this.askOf(link, question);
        if (!isRefusal(answer)) return answer;
        if (performance.now() > until) throw noController();
      } catch (error) {
        if (!isFault(error) || performance.now() > until) throw error;
      }
      await delay(controllerPollMs);
    }
  }

  /** Null topics: all. What it says of brokers is remembered. */
  async metadata(topics: readonly string[] | null): Promise<Answered<Metadata>> {
    const answered = await this.ask({ api: metadata, request: { topics }, timeoutMs: metadataMs });
    const { answer, link } = answered;
    if (answer.brokers.length === 0) {
      // So answers one that has just started, and that the controller has told nothing yet.
      this.#drop(link);
      throw new BarnabasError('kafka-failed', `broker ${formatAddress(link.address)} does not know the cluster yet`);
    }
    this.#known = new Map(answer.brokers.map(({ id, host, port }) => [id, { host, port }]));
    return answered;
  }

  async any(): Promise<Link> {
    if (this.#favourite?.alive()) return this.#favourite;
    const candidates = new Map<string, BrokerAddress>();
    for (const address of [...(await this.#reach.bootstrap()), ...this.#known.values()]) {
      candidates.set(formatAddress(address), address);
    }
    if (candidates.size === 0) throw new BarnabasError('kafka-failed', 'cannot ask Kafka: no broker is ready');
    try {
      this.#favourite = await firstOf([...candidates.values()], (address) => this.#linkTo(address));
      return this.#favourite;
    } catch (error) {
      throw error instanceof AttemptsFailed ? worstOf(error.errors) : error;
    }
  }

  async broker(id: number): Promise<Link> {
    if (!this.#known.has(id)) await this.metadata([]);
    const address = this.#known.get(id);
    if (!address) throw new BarnabasError('kafka-failed', `cannot ask broker ${id}: it is not in the cluster now`);
    return await this.#linkTo(address);
  }

  /** Who decides for the cluster. In KRaft any broker passes it on. */
  async controller(): Promise<Link> {
    const link = await this.any();
    if (isKraft(link)) return link;
    const until = performance.now() + controllerMs;
    for (;;) {
      const { answer } = await this.metadata([]);
      if (answer.controllerId >= 0) return await this.broker(answer.controllerId);
      if (performance.now() > until) throw noController();
      await delay(controllerPollMs);
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #linkTo(address: BrokerAddress): Promise<Link> {
    const name = formatAddress(address);
    const kept = this.#links.get(name);
    const link = await kept?.catch(() => undefined);
    if (link?.alive()) return link;
    link?.close();
    if (kept !== undefined && this.#links.get(name) === kept) this.#links.delete(name);
    const opening = this.#links.get(name) ?? openLink(address, this.#reach, this.#closing.signal);
    this.#links.set(name, opening);
    return await opening;
  }

  #drop(link: Link): void {
    link.close();
    this.#links.delete(formatAddress(link.address));
    if (this.#favourite === link) this.#favourite = undefined;
  }
}

/** Brokers of ZooKeeper mode do not list it. */
export const isKraft = (link: Link): boolean => link.supports(describeQuorum);

/** Another broker, or the same a moment later, may answer. */
export const isFault = (error: unknown): boolean => error instanceof BarnabasError && error.code === 'kafka-failed';

const noController = (): BarnabasError =>
  new BarnabasError('kafka-failed', 'the cluster has no controller that answers: try again once it has elected one');

/** What no retry mends is told before all else. */
function worstOf(errors: readonly unknown[]): unknown {
  const worst = errors.find((error) => !isFault(error));
  if (worst !== undefined) return worst;
  const [first, ...others] = errors as BarnabasError[];
  if (!first || others.length === 0) return first;
  return new BarnabasError('kafka-failed', errors.map((error) => (error as Error).message).join('; '), {
    cause: first,
  });
}
