/** A ZooKeeper session that writes what a Kafka broker would, and can die as hard as one. */
import { ACL, createClient, CreateMode, Id, Permission } from 'node-zookeeper-client';
import type { Client } from 'node-zookeeper-client';

export interface FakeBroker {
  register(brokerId: number, content: string): Promise<void>;
  /** An ephemeral znode of this session, such as `/controller`. */
  hold(path: string, content: string): Promise<void>;
  has(path: string): Promise<boolean>;
  change(brokerId: number, content: string): Promise<void>;
  /** Persistent, with missing parents. */
  write(path: string, content: string): Promise<void>;
  /** From now on only this session's digest user may change `path`; everyone may read it. */
  forbidOthers(path: string): Promise<void>;
  delete(path: string): Promise<void>;
  /** The connection drops without a word, as at a kill -9: the session lives on until its timeout. */
  die(): Promise<void>;
  /** Ends the session, and its registrations with it. */
  leave(): Promise<void>;
}

export const brokerJson = (port: number): string =>
  `{"features":{},"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT"},"endpoints":["PLAINTEXT://10.0.0.7:${port}"],` +
  `"jmx_port":-1,"port":${port},"host":"10.0.0.7","version":5,"timestamp":"1700000000000"}`;

const user = 'kafka:secret';

/** Sessions are of 2 s unless told otherwise. */
export async function joinCluster(connect: string, sessionTimeoutMs = 2000): Promise<FakeBroker> {
  const client = createClient(connect, { sessionTimeout: sessionTimeoutMs, spinDelay: 50 });
  client.addAuthInfo('digest', Buffer.from(user));
  await new Promise<void>((resolve) => {
    client.once('connected', resolve);
    client.connect();
  });
  const create = (path: string, content: string, mode: number): Promise<void> =>
    settled((done) => client.create(path, Buffer.from(content), undefined, mode, done));
  return {
    register: (brokerId, content) => create(`/brokers/ids/${brokerId}`, content, CreateMode.EPHEMERAL),
    hold: (path, content) => create(path, content, CreateMode.EPHEMERAL),
    has: (path) => exists(client, path),
    change: (brokerId, content) =>
      settled((done) => client.setData(`/brokers/ids/${brokerId}`, Buffer.from(content), -1, done)),
    async write(path, content) {
      const parts = path.split('/').slice(1);
      for (let depth = 1; depth < parts.length; depth += 1) {
        const parent = `/${parts.slice(0, depth).join('/')}`;
        if (!(await exists(client, parent))) await create(parent, '', CreateMode.PERSISTENT);
      }
      await create(path, content, CreateMode.PERSISTENT);
    },
    forbidOthers: (path) =>
      settled((done) => {
        const acls = [new ACL(Permission.READ, new Id('world', 'anyone')), new ACL(Permission.ALL, new Id('auth', ''))];
        client.setACL(path, acls, -1, done);
      }),
    delete: (path) => settled((done) => client.remove(path, -1, done)),
    die: () => hangUp(client, () => client.connectionManager.socket?.destroy()),
    leave: () => hangUp(client, () => client.close()),
  };
}

function hangUp(client: Client, act: () => void): Promise<void> {
  const manager = client.connectionManager;
  manager.connect = () => undefined;
  return new Promise((resolve) => {
    if (manager.socket === undefined || manager.socket.destroyed) {
      resolve();
      return;
    }
    manager.socket.once('close', () => resolve());
    act();
  });
}

function exists(client: Client, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    client.exists(path, undefined, (error, stat) => {
      if (error) reject(error);
      else resolve(stat !== null && stat !== undefined);
    });
  });
}

function settled(start: (done: (error: Error | null | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
