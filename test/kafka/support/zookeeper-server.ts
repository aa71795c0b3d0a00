/** A real ZooKeeper in a child process. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface ZooKeeperServer {
  /** host:port */
  readonly connect: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts (again) on a directory; sessions as short as a second are granted. */
export async function startZooKeeper(order: { directory: string; port?: number }): Promise<ZooKeeperServer> {
  const { directory } = order;
  const port = order.port ?? (await freePort());
  mkdirSync(join(directory, 'data'), { recursive: true });
  const config = join(directory, 'zoo.cfg');
  const lines = [
    'tickTime=500',
    `dataDir=${join(directory, 'data')}`,
    `clientPort=${port}`,
    'clientPortAddress=127.0.0.1',
    'admin.enableServer=false',
    '4lw.commands.whitelist=*',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const options = ['-Xmx96m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
  const main = ['-cp', '/tmp/mvnp/jars/*', 'org.apache.zookeeper.server.quorum.QuorumPeerMain', config];
  const child = spawn('java', [...options, ...main], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const state = { over: false };
  void ended.then(() => (state.over = true));
  for (const until = performance.now() + 30_000; !(await answersRuok(port));) {
    if (state.over) throw new Error(`ZooKeeper ended at once (${config})`);
    if (performance.now() > until) throw new Error('ZooKeeper did not answer within 30s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    connect: `127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function answersRuok(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('ruok'));
    let answer = '';
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer === 'imok'));
  });
}
