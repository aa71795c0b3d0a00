/** A real ZooKeeper of one server, as a child process. */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, closeSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { smallJvm, type Jars } from './jars.ts';
import { waitFor } from './wait.ts';

export interface ZooKeeperOrder {
  readonly jars: Jars;
  /** Its data, its configuration and its log; kept, so that it can be started on it again. */
  readonly directory: string;
  readonly host: string;
  /** Sessions are of 2 to 20 ticks. */
  readonly tickTimeMs?: number;
  readonly signal?: AbortSignal;
}

export interface ZooKeeper {
  /** `host:port` */
  readonly connect: string;
  readonly pid: number;
  /** Kills it and waits for its end. */
  stop(): Promise<void>;
}

const port = 2181;

/** Resolves once it answers. Throws if it ends before that, and after 60 s. */
export async function startZooKeeper(order: ZooKeeperOrder): Promise<ZooKeeper> {
  const { jars, directory, host, tickTimeMs = 2000, signal } = order;
  mkdirSync(join(directory, 'data'), { recursive: true });
  const config = join(directory, 'zoo.cfg');
  const settings = {
    tickTime: tickTimeMs,
    dataDir: join(directory, 'data'),
    clientPort: port,
    clientPortAddress: host,
    maxClientCnxns: 0,
    'admin.enableServer': false,
    '4lw.commands.whitelist': 'ruok',
  };
  writeFileSync(
    config,
    `${Object.entries(settings)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join('\n')}\n`,
  );
  const log = openSync(join(directory, 'zookeeper.log'), 'a');
  const main = ['-cp', jars.classPath, 'org.apache.zookeeper.server.quorum.QuorumPeerMain', config];
  const options = [...smallJvm(128), `-Dlog4j.configuration=file:${jars.log4j}`];
  const child = spawn('java', [...options, ...main], { stdio: ['ignore', log, log] });
  closeSync(log);
  let over = false;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      over = true;
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  try {
    await waitFor(
      async () => {
        if (over) throw new Error(`ZooKeeper ended at once: see ${join(directory, 'zookeeper.log')}`);
        return (await answersRuok(host)) || undefined;
      },
      { for: 'ZooKeeper to answer', deadlineMs: 60_000, signal },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { connect: `${host}:${String(port)}`, pid: Number(child.pid), stop };
}

function answersRuok(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => socket.write('ruok'));
    let answer = '';
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer === 'imok'));
  });
}
