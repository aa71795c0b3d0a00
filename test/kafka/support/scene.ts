/** What the registration tests share: a place of their own in one ZooKeeper, a recorder of logs, waits with a bound. */
import { BarnabasError } from '../../../src/errors.ts';
import { openZooKeeperRegistry } from '../../../src/kafka/zookeeper.ts';
import type { Deadline, Log, LogFields, Registry } from '../../../src/ports.ts';
import { joinCluster } from './fake-broker.ts';
import type { FakeBroker } from './fake-broker.ts';

export interface Said {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

export interface RecordedLog extends Log {
  readonly said: Said[];
}

export function recordLog(): RecordedLog {
  const said: Said[] = [];
  const record =
    (level: Said['level']) =>
    (message: string, fields: LogFields = {}) => {
      said.push({ level, message, fields });
    };
  return { said, info: record('info'), warn: record('warn'), error: record('error') };
}

export function deadlineOf(timeoutMs: number, signal: AbortSignal = new AbortController().signal): Deadline {
  return { timeoutMs, signal };
}

/** Waits for a condition that other events bring about; 20 s at most. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (const until = performance.now() + 20_000; !holds();) {
    if (performance.now() > until) throw new Error(`not seen within 20s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function failureOf(promise: Promise<unknown>): Promise<BarnabasError> {
  const outcome = await promise.then(
    () => new Error('nothing was thrown'),
    (error: unknown) => error,
  );
  if (!(outcome instanceof BarnabasError)) throw outcome as Error;
  return outcome;
}

export interface Scene {
  /** host:port/chroot */
  readonly connect: string;
  readonly log: RecordedLog;
  readonly registry: Registry;
  /** Owns no registration of a test. */
  readonly admin: FakeBroker;
  readonly broker: () => Promise<FakeBroker>;
}

/** Runs `play` below a chroot of its own, with `/brokers/ids` in place, and ends every session after it. */
export async function inScene(server: string, play: (scene: Scene) => Promise<void>): Promise<void> {
  const chroot = `/scene-${crypto.randomUUID()}`;
  const root = await joinCluster(server);
  await root.write(chroot, '');
  await root.leave();
  const connect = `${server}${chroot}`;
  const log = recordLog();
  const registry = openZooKeeperRegistry({ connect, log });
  const sessions: FakeBroker[] = [];
  const broker = async (): Promise<FakeBroker> => {
    const session = await joinCluster(connect);
    sessions.push(session);
    return session;
  };
  try {
    const admin = await broker();
    await admin.write('/brokers/ids', '');
    await play({ connect, log, registry, admin, broker });
  } finally {
    await registry.close();
    for (const session of sessions) await session.leave();
  }
}

export async function withRegistry(
  connect: string,
  play: (registry: Registry, log: RecordedLog) => Promise<void>,
  sessionTimeoutMs = 1500,
): Promise<void> {
  const log = recordLog();
  const registry = openZooKeeperRegistry({ connect, log, sessionTimeoutMs });
  try {
    await play(registry, log);
  } finally {
    await registry.close();
  }
}
