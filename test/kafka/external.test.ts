/** Real brokers with the listener for clients outside: who comes in by it is told the addresses outside, and no others. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { brokerCommand } from '../../demo/cluster/jars.ts';
import { waitFor } from '../../demo/cluster/wait.ts';
import { brokerStarted, setStage, type Stage } from '../../demo/stage.ts';
import type { Endpoint } from '../../src/domain/external-address.ts';
import { externalPort, withExternal } from '../../src/domain/properties/external.ts';
import { planProperties } from '../../src/domain/properties/plan.ts';
import { renderProperties } from '../../src/domain/properties/render.ts';

interface Broker {
  readonly id: number;
  readonly ip: string;
  readonly outside: Endpoint;
}

interface Context {
  stage: Stage;
  brokers: readonly Broker[];
  /** Shuts the Kubernetes node's ports. */
  shut: () => Promise<void>;
}

const test = suite<Context>('listeners for clients outside', {} as never);

const deadlineMs = 60_000;
const topic = 'orders';
const settings = {
  KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '2',
  KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '1',
  KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
};

test.before(async (context) => {
  const stage = await setStage({ brokers: 2 });
  context.stage = stage;
  // The Kubernetes node, with a node port for each broker.
  const node = stage.nextAddress();
  const brokers = [0, 1].map((id) => ({ id, ip: stage.nextAddress(), outside: { host: node, port: 31000 + id } }));
  context.brokers = brokers;
  const open = await Promise.all(brokers.map(({ ip, outside }) => forward(outside, { host: ip, port: externalPort })));
  let shut = false;
  context.shut = async () => {
    if (!shut) await Promise.all(open.map(({ close }) => close()));
    shut = true;
  };
  stage.own(context.shut);
  await Promise.all(brokers.map((broker) => startBroker(stage, broker)));
  for (const { ip } of brokers) {
    // A broker that has just started knows of nobody until the controller has told it.
    const meet = async () => (await toldAt({ host: ip, port: 9092 })).length === 2 || undefined;
    await waitFor(meet, { for: 'the brokers to know each other', deadlineMs });
  }
});
test.after(({ stage }) => stage.clear());

const clientOf = ({ host, port }: Endpoint): Kafka =>
  new Kafka({ clientId: 'outside', brokers: [`${host}:${port}`], logLevel: logLevel.NOTHING });

/** What a client is told that knows this address alone. */
async function toldAt(endpoint: Endpoint): Promise<string[]> {
  const admin = clientOf(endpoint).admin();
  await admin.connect();
  const { brokers } = await admin.describeCluster();
  await admin.disconnect();
  return brokers.map(({ nodeId, host, port }) => `${nodeId} ${host}:${port}`).sort();
}

test('whoever comes from outside is told the address outside of each broker', async ({ brokers }) => {
  const outside = brokers.map(({ id, outside: { host, port } }) => `${id} ${host}:${port}`);
  for (const broker of brokers) assert.equal(await toldAt(broker.outside), outside);
});

test('whoever comes from inside is told the addresses inside', async ({ brokers }) => {
  const inside = brokers.map(({ id, ip }) => `${id} ${ip}:9092`);
  for (const { ip } of brokers) assert.equal(await toldAt({ host: ip, port: 9092 }), inside);
});

test('what is written outside is read there, and every broker leads', async ({ brokers }) => {
  const kafka = clientOf(brokers[0]?.outside ?? { host: '', port: 0 });
  const admin = kafka.admin();
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: 'outside' });
  const clients = [admin, producer, consumer];
  try {
    for (const client of clients) await client.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 4, replicationFactor: 2 }], waitForLeaders: true });
    await producer.send({ topic, acks: -1, messages: [0, 1, 2, 3].map((partition) => ({ partition, value: 'x' })) });
    const read = new Set<number>();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ eachMessage: ({ partition }) => Promise.resolve(void read.add(partition)) });
    await waitFor(() => read.size === 4 || undefined, { for: 'a message of each partition', deadlineMs });
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const partitions = topics[0]?.partitions ?? [];
    assert.equal([...new Set(partitions.map(({ leader }) => leader))].sort(), [0, 1]);
    assert.ok(partitions.every(({ isr }) => isr.length === 2));
  } finally {
    for (const client of clients) await client.disconnect();
  }
});

/** Were the listener between brokers EXTERNAL, all of this would go by the Kubernetes node. */
test('brokers meet each other inside: with the way in shut, they replicate on', async ({ stage, brokers, shut }) => {
  await shut();
  const producer = clientOf({ host: brokers[0]?.ip ?? '', port: 9092 }).producer({ retry: { retries: 0 } });
  stage.own(() => producer.disconnect());
  await producer.connect();
  const messages = [0, 1, 2, 3].map((partition) => ({ partition, value: 'y' }));
  await producer.send({ topic, acks: -1, timeout: 5000, messages });
});

/** With the very file that the agent would write. */
async function startBroker(stage: Stage, broker: Broker): Promise<void> {
  const { jars, directory, volume, zookeeper } = stage;
  const { id, ip, outside } = broker;
  const planned = planProperties({
    environment: settings,
    secretFiles: new Map(),
    zookeeper: zookeeper.connect,
    podIp: ip,
    external: true,
  });
  if (!planned.ok) throw new Error(planned.problems.join('\n'));
  const logDir = join(volume, `kafka-logs-${id}`);
  mkdirSync(logDir);
  const { text } = renderProperties(withExternal(planned.plan, outside), { brokerId: id, logDir });
  const config = join(directory, `outside-${id}.properties`);
  // All pods are on one machine here, each with an address and none with a network of its own.
  writeFileSync(config, text.replaceAll('0.0.0.0', ip));
  const path = join(directory, `outside-${id}.log`);
  const log = openSync(path, 'a');
  const [file = '', ...words] = brokerCommand(jars).map((word) => word.replace('{config}', config));
  const child = spawn(file, words, { stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = once(child, 'exit');
  stage.own(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await waitFor(
    () => {
      const written = readFileSync(path, 'utf8');
      if (child.exitCode !== null) throw new Error(`broker ${id} has ended:\n${written}`);
      return brokerStarted.test(written) || undefined;
    },
    { for: `broker ${id} to start`, deadlineMs },
  );
}

/** As kube-proxy does it for a node port. */
async function forward(from: Endpoint, to: Endpoint): Promise<{ readonly close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((outer) => {
    const inner = connect(to);
    for (const [socket, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  server.listen(from.port, from.host);
  await once(server, 'listening');
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

test.run();
