/** `status` of real brokers whose cluster KRaft keeps: the quorum knows which disk each of them runs on. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { waitFor } from '../../demo/cluster/wait.ts';
import { agent } from '../support/agent.ts';
import { createTopics, setScene, type AdminScene } from './support/admin-scene.ts';

const test = suite<{ scene: AdminScene }>('status with KRaft', {} as never);

const volumeOf = (directory: string): string => join(directory, 'volume');
const logDirOf = (directory: string, id: number): string => join(volumeOf(directory), `kafka-logs-${id}`);

test.before(async (context) => {
  context.scene = await setScene({
    ...{ version: '4.3.1', mode: 'kraft', brokers: 3 },
    properties: ({ id, directory }) => ({ 'log.dirs': logDirOf(directory, id) }),
  });
  await createTopics(context.scene, {
    orders: [
      [1, 2, 3],
      [2, 3, 1],
      [3, 1, 2],
    ],
  });
});
test.after(({ scene }) => scene.clear());

interface Told {
  readonly brokerId: number;
  readonly verdict: string;
  readonly broker: { readonly state: string; readonly release: string; readonly directoryId: string | null };
}

async function told({ kafka: { directory, bootstrap } }: AdminScene): Promise<Told[]> {
  const sources = ['--volume', volumeOf(directory), '--bootstrap', bootstrap];
  const { stdout } = await agent(['status', '--json', ...sources], { env: { HOME: directory } });
  return (JSON.parse(stdout) as { brokers: Told[] }).brokers;
}

const until = (scene: AdminScene, id: number, verdict: RegExp) =>
  waitFor(
    async () => {
      const line = (await told(scene)).find(({ brokerId }) => brokerId === id);
      return line && verdict.test(line.verdict) ? line : undefined;
    },
    { for: `broker ${id} to be ${String(verdict)}`, deadlineMs: 60_000, everyMs: 200 },
  );

test('all is well, though started by hand; each on the disk that is here', async ({ scene }) => {
  const lines = await told(scene);
  assert.equal(
    lines.map(({ brokerId, verdict, broker }) => [brokerId, verdict, broker.state, broker.release]),
    [1, 2, 3].map((id) => [id, 'serves without a claim: it was started outside Barnabas', 'registered', '4.3+']),
  );
  for (const { brokerId, broker } of lines.slice(1)) {
    const meta = readFileSync(join(logDirOf(scene.kafka.directory, brokerId), 'meta.properties'), 'utf8');
    assert.match(meta, `directory.id=${String(broker.directoryId)}\n`);
  }
});

test('the same id on a new disk: before its broker starts, and after', async ({ scene }) => {
  const { kafka } = scene;
  await kafka.kill(3);
  const logDir = logDirOf(kafka.directory, 3);
  const file = join(logDir, 'meta.properties');
  const meta = readFileSync(file, 'utf8');
  const old = /directory\.id=(\S+)/.exec(meta)?.[1] ?? '';
  rmSync(logDir, { recursive: true });
  mkdirSync(logDir);
  writeFileSync(file, meta.replace(old, newDirectory));
  const away = await until(scene, 3, /^same id, new disk: its broker was last seen on/);
  assert.is(
    away.verdict,
    `same id, new disk: its broker was last seen on directory ${old}, and here is ${newDirectory}`,
  );
  assert.is(away.broker.state, 'fenced');
  await kafka.start(3);
  const back = await until(scene, 3, /^(leads|serves)/);
  assert.is(back.broker.directoryId, newDirectory);
});

/** A UUID in base64url. */
const newDirectory = 'bmV3LWRpc2stb2YtMy0tLQ';

test.run();
