/**
 * The registry of live brokers, in ZooKeeper. Import it only when it is needed: `await import('./kafka/zookeeper.ts')`.
 *
 * Paths and formats are Kafka's: `/brokers/ids/<id>` and `/cluster/id` (kafka.zk.ZkData).
 */
import { createHash } from 'node:crypto';
import { matchesNote } from '../domain/registration.ts';
import type { Registration, RegistrationNote } from '../domain/registration.ts';
import { BarnabasError } from '../errors.ts';
import type { Deadline, Log, Registry, RemovalOutcome } from '../ports.ts';
import { LimitReached, orAbort, pause, within } from './time-limit.ts';
import { parseZooKeeperAddress } from '../domain/zookeeper-address.ts';
import type { Versioned, ZooKeeperConnection, Znode } from './zookeeper-connection.ts';
import { ZooKeeperSession } from './zookeeper-session.ts';

export interface ZooKeeperRegistryOptions {
  /** As in Kafka's `zookeeper.connect`. */
  readonly connect: string;
  readonly log: Log;
  /** How soon a server that fell silent is given up: after two thirds of this. */
  readonly sessionTimeoutMs?: number;
}

const defaultSessionTimeoutMs = 10_000;
const refusedWatchRetryMs = 10_000;

const pathOf = (brokerId: number): string => `/brokers/ids/${brokerId}`;

/** Connects at the first call. Throws `settings-invalid` for an address that is none. */
export function openZooKeeperRegistry(options: ZooKeeperRegistryOptions): Registry {
  const { connect, log, sessionTimeoutMs = defaultSessionTimeoutMs } = options;
  const address = parseZooKeeperAddress(connect);
  if ('problem' in address) throw new BarnabasError('settings-invalid', address.problem);
  const session = new ZooKeeperSession({ address, log, sessionTimeoutMs });
  const watches = new Set<AbortController>();

  return {
    readClusterId: (deadline) => readClusterId(session, deadline),

    readRegistration: (brokerId, deadline) =>
      session.call(`read the registration of broker ${brokerId}`, deadline, (connection) =>
        readRegistration(connection, brokerId),
      ),

    removeRegistration: (brokerId, expected, deadline) => {
      const attempt: RemovalAttempt = { brokerId, expected, sent: false };
      return session.call(`remove the registration of broker ${brokerId}`, deadline, (connection) =>
        removeRegistration(connection, attempt),
      );
    },

    awaitNoRegistration: (brokerId, deadline) => awaitNoRegistration(session, brokerId, deadline),

    watchRegistration(brokerId, tell) {
      const stopped = new AbortController();
      watches.add(stopped);
      void watch({ session, log, brokerId, tell, stopped: stopped.signal });
      return () => {
        watches.delete(stopped);
        stopped.abort(new LimitReached('closed'));
      };
    },

    async close() {
      for (const stopped of watches) stopped.abort(new LimitReached('closed'));
      watches.clear();
      await session.close();
    },
  };
}

async function readClusterId(session: ZooKeeperSession, deadline: Deadline): Promise<string | undefined> {
  const znode = await session.call("read the cluster's id", deadline, (connection) => connection.read('/cluster/id'));
  if (znode === undefined) return undefined;
  const text = znode.data.toString('utf8');
  const id = clusterIdIn(text);
  if (id !== undefined) return id;
  throw new BarnabasError(
    'data-refused',
    `cannot read the cluster's id: /cluster/id in ZooKeeper holds ${JSON.stringify(text.slice(0, 100))}, which is not ` +
      'what a Kafka broker writes; check that the ZooKeeper address and its chroot are those of this Kafka cluster',
  );
}

function clusterIdIn(text: string): string | undefined {
  try {
    const { id } = (JSON.parse(text) ?? {}) as { id?: unknown };
    return typeof id === 'string' && id !== '' ? id : undefined;
  } catch {
    return undefined;
  }
}

async function readRegistration(connection: ZooKeeperConnection, brokerId: number): Promise<Registration | undefined> {
  return toRegistration(await connection.read(pathOf(brokerId)));
}

interface RemovalAttempt {
  readonly brokerId: number;
  readonly expected: RegistrationNote;
  /** A delete went out before, and its answer was lost with the connection. */
  sent: boolean;
}

/** How often an election may come in between before the removal is given up. */
const electionTries = 5;

/**
 * ZooKeeper's delete compares the version and nothing else, and a znode created anew has version 0 again. So between
 * the look and the delete a successor's registration could take the place of the dead broker's, and would be deleted
 * in its stead. What excludes it is the claim: only the holder of the id's claim removes its registration, and no
 * other broker of that id can start before the claim has changed hands. The look directly before the delete, and the
 * version in it, are for whoever starts a broker without a claim.
 *
 * If the dead broker was the controller, `/controller` goes in the same transaction. Left behind, it would keep all
 * others from electing one until the session lapses, and the next broker of that id would take itself for the
 * controller that it is not (seen with 3.9.2: partitions without a live leader for minutes).
 */
async function removeRegistration(connection: ZooKeeperConnection, attempt: RemovalAttempt): Promise<RemovalOutcome> {
  const { brokerId, expected } = attempt;
  for (let tries = 0; tries < electionTries; tries += 1) {
    const controller = await deadController(connection, expected);
    const seen = await readRegistration(connection, brokerId);
    if (seen === undefined) return attempt.sent ? 'removed' : 'already-gone';
    if (!matchesNote(seen, expected)) return 'not-the-noted-one';
    attempt.sent = true;
    const registration = { path: pathOf(brokerId), version: expected.version };
    const deletion = await connection.delete([...controller.deleted, registration], controller.checked);
    if (deletion === 'removed' || deletion === 'forbidden') return deletion;
    // Nothing was done: the registration is gone or another, or an election came in between. The next look tells which.
    attempt.sent = false;
  }
  return 'not-the-noted-one';
}

/**
 * `/controller`, if the dead broker's session owns it. Each election raises the version of `/controller_epoch` in the
 * transaction that creates `/controller`, so the check excludes that a living controller's is deleted.
 * Source: KafkaZkClient.registerControllerAndIncrementControllerEpoch.
 */
async function deadController(
  connection: ZooKeeperConnection,
  { sessionId }: RegistrationNote,
): Promise<{ readonly deleted: readonly Versioned[]; readonly checked: readonly Versioned[] }> {
  const epoch = await connection.read('/controller_epoch');
  const controller = await connection.read('/controller');
  if (!epoch || !controller || ownerOf(controller) !== sessionId) return { deleted: [], checked: [] };
  return {
    deleted: [{ path: '/controller', version: controller.stat.version }],
    checked: [{ path: '/controller_epoch', version: epoch.stat.version }],
  };
}

const ownerOf = ({ stat }: Znode): string => `0x${stat.ephemeralOwner.readBigUInt64BE().toString(16)}`;

async function awaitNoRegistration(
  session: ZooKeeperSession,
  brokerId: number,
  deadline: Deadline,
): Promise<'gone' | 'deadline'> {
  const path = pathOf(brokerId);
  const progress = { seen: false };
  const untilGone = async (connection: ZooKeeperConnection, limit: AbortSignal): Promise<'gone'> => {
    for (;;) {
      const change = nextChange();
      if ((await connection.read(path, change.happened)) === undefined) return 'gone';
      progress.seen = true;
      await orAbort(limit, connection.untilLost(change.promise));
    }
  };
  try {
    return await within(deadline, session.closed, (limit) => session.retry(limit, untilGone));
  } catch (error) {
    const late = error instanceof LimitReached && error.kind === 'timeout';
    if (late && progress.seen && session.connected) return 'deadline';
    throw session.explain(`wait for the end of the registration of broker ${brokerId}`, deadline, error);
  }
}

interface Watch {
  readonly session: ZooKeeperSession;
  readonly log: Log;
  readonly brokerId: number;
  readonly tell: (registration: Registration | undefined) => void;
  readonly stopped: AbortSignal;
}

async function watch({ session, log, brokerId, tell, stopped }: Watch): Promise<void> {
  let told: { readonly registration: Registration | undefined } | undefined;
  const hear = (registration: Registration | undefined): void => {
    if (stopped.aborted || (told !== undefined && isSame(told.registration, registration))) return;
    told = { registration };
    // In a task of its own: what the listener throws is the listener's fault, and no failure of the watch.
    queueMicrotask(() => {
      if (!stopped.aborted) tell(registration);
    });
  };
  for (;;) {
    try {
      await session.retry(stopped, (connection, limit) => follow({ connection, limit, brokerId, hear }));
    } catch (error) {
      if (error instanceof LimitReached) return;
      log.warn('cannot watch the registration; trying again', { brokerId, cause: (error as Error).message });
    }
    try {
      await pause(refusedWatchRetryMs, stopped);
    } catch {
      return;
    }
  }
}

interface Follow {
  readonly connection: ZooKeeperConnection;
  readonly limit: AbortSignal;
  readonly brokerId: number;
  readonly hear: (registration: Registration | undefined) => void;
}

/** Tells what is registered at each change, until the connection is lost. */
async function follow({ connection, limit, brokerId, hear }: Follow): Promise<never> {
  const path = pathOf(brokerId);
  for (;;) {
    const change = nextChange();
    const znode = await connection.read(path, change.happened);
    // Created between the two calls: then there is something to read.
    if (znode === undefined && (await connection.exists(path, change.happened))) continue;
    hear(toRegistration(znode));
    await orAbort(limit, connection.untilLost(change.promise));
  }
}

function nextChange(): { readonly promise: Promise<void>; readonly happened: () => void } {
  let happened = (): void => undefined;
  const promise = new Promise<void>((resolve) => (happened = resolve));
  return { promise, happened: () => happened() };
}

function toRegistration(znode: Znode | undefined): Registration | undefined {
  if (znode === undefined) return undefined;
  const { data, stat } = znode;
  return {
    sessionId: ownerOf(znode),
    czxid: `0x${stat.czxid.readBigUInt64BE().toString(16)}`,
    version: stat.version,
    content: data.toString('utf8'),
    contentHash: createHash('sha256').update(data).digest('hex'),
  };
}

function isSame(left: Registration | undefined, right: Registration | undefined): boolean {
  return left === undefined || right === undefined ? left === right : matchesNote(left, right);
}
