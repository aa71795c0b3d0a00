/** `elect` on a cluster that takes its time to heal. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { electCommand, type ElectSettings } from '../../src/commands/elect.ts';
import type { KafkaView, PartitionView } from '../../src/domain/kafka-view.ts';
import { BarnabasError } from '../../src/errors.ts';
import type { World } from '../../src/ports.ts';
import type { ElectionOrder, KafkaAdmin, PartitionAnswer } from '../../src/ports-kafka.ts';
import { readSettings } from '../../src/read-settings.ts';
import { electSettings } from '../../src/command-settings.ts';
import { partition, view } from '../domain/election/view-of.ts';

const test = suite('elect');

interface Play {
  readonly partitions: readonly PartitionView[];
  readonly brokers?: readonly number[];
  /** Each second that is waited for makes the cluster what this returns. */
  readonly heal?: (view: KafkaView, second: number) => KafkaView;
  readonly flags?: Readonly<Record<string, unknown>>;
  /** What the person at the terminal types. */
  readonly types?: string;
  /** How the next calls fail. */
  readonly failures?: BarnabasError[];
}

async function play({ partitions, brokers, heal, flags = {}, types, failures = [] }: Play) {
  let now = view(partitions, brokers);
  let ms = 0;
  const orders: ElectionOrder[] = [];
  const lines: string[] = [];
  let json: unknown;
  const lead = (one: PartitionView): PartitionView => ({
    ...one,
    leader: one.leader < 0 ? Number(one.replicas.find((id) => now.brokers.includes(id))) : Number(one.replicas[0]),
  });
  const kafka = {
    look: () => Promise.resolve({ kind: 'seen', view: now } as const),
    elect(order: ElectionOrder): Promise<readonly PartitionAnswer[]> {
      const failure = failures.shift();
      if (failure) return Promise.reject(failure);
      orders.push(order);
      const meant = new Set(order.partitions.map((one) => `${one.topic}-${one.partition}`));
      const elect = (one: PartitionView): PartitionView =>
        meant.has(`${one.topic}-${one.partition}`) ? lead(one) : one;
      now = { ...now, partitions: now.partitions.map(elect) };
      return Promise.resolve(order.partitions.map((one) => ({ ...one, problem: null })));
    },
    close: () => Promise.resolve(),
  } as unknown as KafkaAdmin;
  const world = {
    clock: {
      nowMs: () => ms,
      pause(pauseMs: number) {
        const second = Math.floor(ms / 1000);
        ms += pauseMs;
        if (heal && Math.floor(ms / 1000) > second) now = heal(now, Math.floor(ms / 1000));
        return Promise.resolve();
      },
    },
    log: { info: () => undefined, warn: () => undefined },
    progress: { watched: false, show: () => undefined, clear: () => undefined },
    ask: () => Promise.resolve(types),
    output: {
      print: (text: string) => lines.push(...text.trim().split('\n')),
      json: (value: unknown) => (json = value),
      table(_head: unknown, rows: readonly (readonly string[])[]) {
        lines.push(...rows.map((row) => row.join(' ')));
        return Promise.resolve();
      },
    },
    signal: new AbortController().signal,
    openKafka: () => Promise.resolve(kafka),
  } as unknown as World;
  const source = { flags: { bootstrap: 'b:9092', ...flags }, environment: {} };
  const { settings, problems } = readSettings(electSettings, source);
  const ended = await electCommand(settings as ElectSettings, { world, problems }).catch((error: unknown) => error);
  const asked = orders.map(({ type, partitions: names }) => `${type} ${names.map((one) => one.partition).join(' ')}`);
  const error = ended instanceof BarnabasError ? ended : undefined;
  if (!error && typeof ended !== 'number') throw ended;
  return { status: error?.exitStatus ?? ended, error: error?.message ?? '', lines, json, asked, ms };
}

const led = (number: number, topic = 'orders'): PartitionView => partition(number, { leader: 0, topic });
const behind = { isr: [1, 2] };
const lost = { leader: -1, isr: [2], replicas: [2, 0, 1] };

test('all are elected; run again there is nothing to do', async () => {
  const first = await play({ partitions: [partition(0), led(1)] });
  assert.is(first.status, 0);
  assert.equal(first.asked, ['preferred 0']);
  assert.equal(first.lines.slice(0, 3), ['0 2 1 2', '1 0 1 0', '2 0 0 0']);
  assert.match(first.lines.at(-1) ?? '', /^elected 1 preferred leader in 1 wave, .*; all 2 partitions are led/);
  const again = await play({ partitions: [led(0), led(1)] });
  assert.is(again.status, 0);
  assert.equal(again.asked, []);
  assert.is(again.lines.at(-1), 'elected 0 preferred leaders; all 2 partitions are led by their preferred replica');
});

test('it waits for the one that is behind, and names the one that cannot be', async () => {
  const down = partition(2, lost);
  const heal = ({ partitions, brokers }: KafkaView, second: number): KafkaView =>
    view(
      second < 5 ? partitions : partitions.map((one) => (one.partition === 1 ? { ...one, isr: [0, 1] } : one)),
      brokers,
    );
  const seen = await play({ partitions: [partition(0), partition(1, behind), down], brokers: [0, 1], heal });
  assert.is(seen.status, 1);
  assert.equal(seen.asked, ['preferred 0', 'preferred 1']);
  assert.ok(seen.ms >= 14_000, `${seen.ms}`);
  assert.ok(seen.lines.includes('1 orders-2 no leader: broker 2 has its last messages and is down'));
});

test('at the deadline it ends with 4', async () => {
  const seen = await play({ partitions: [partition(0), partition(1, behind)], flags: { wait: '3s' } });
  assert.is(seen.status, 4);
  assert.equal(seen.asked, ['preferred 0']);
  assert.ok(seen.lines.includes('1 orders-1 the replica on broker 0 is not in sync'));
});

test('a call that fails is tried again; one that nobody may make is not', async () => {
  const passing = new BarnabasError('kafka-failed', 'broker 0 hung up');
  const seen = await play({ partitions: [partition(0)], failures: [passing] });
  assert.is(seen.status, 0);
  assert.equal(seen.asked, ['preferred 0']);
  const refused = await play({ partitions: [partition(0)], failures: [new BarnabasError('kafka-access', 'no')] });
  assert.is(refused.status, 2);
});

test('--topic leaves others alone, and no such topic is a mistake', async () => {
  const partitions = [partition(0), partition(0, { topic: 'other' }), partition(1, { topic: 'orders-2' })];
  const seen = await play({ partitions, flags: { topic: ['orders', 'ord*'] } });
  assert.equal(seen.asked, ['preferred 0 1']);
  const wrong = await play({ partitions, flags: { topic: 'order,x*' } });
  assert.is(wrong.status, 2);
  assert.match(wrong.error, /there is no topic order: .*\n.*there is no topic x\*/);
  assert.match((await play({ partitions, flags: { topic: 'a b' } })).error, /--topic: "a b" is no topic's name/);
});

test('--dry-run tells what would be, and asks for nothing', async () => {
  const partitions = [partition(0), partition(1, behind), partition(2, lost)];
  const seen = await play({ partitions, brokers: [0, 1], flags: { dryRun: true, unclean: true } });
  assert.is(seen.status, 0);
  assert.equal(seen.asked, []);
  assert.ok(seen.lines.includes('0 2 0 1'));
  assert.ok(seen.lines.includes('1 orders-1 later: the replica on broker 0 is not in sync'));
  assert.ok(seen.lines.includes('--unclean would ask for: lose messages of orders-2'));
  assert.is(seen.lines.at(-1), 'would elect 1 preferred leader now; nothing was changed');
});

test('--json tells the same', async () => {
  const seen = await play({ partitions: [partition(0), led(1)], flags: { json: true } });
  const { tookMs, ...rest } = seen.json as Record<string, unknown>;
  assert.type(tookMs, 'number');
  assert.equal(rest, {
    ...{ dryRun: false, clusterId: 'c', waves: 1, waiting: [], cannot: [], unclean: [] },
    elected: [{ topic: 'orders', partition: 0, from: 1, to: 0 }],
    brokers: [
      { brokerId: 0, preferred: 2, ledBefore: 1, ledAfter: 2 },
      { brokerId: 1, preferred: 0, ledBefore: 1, ledAfter: 0 },
      { brokerId: 2, preferred: 0, ledBefore: 0, ledAfter: 0 },
    ],
  });
});

const uncleanly: readonly (readonly [string, Partial<Play>, number, readonly string[]])[] = [
  ['nobody can type', {}, 3, []],
  ['the wrong thing is typed', { types: 'yes' }, 3, []],
  ['the right thing is typed', { types: 'lose messages of orders-2' }, 1, ['unclean 2', 'preferred 0']],
  [
    'the right flag',
    { flags: { unclean: true, confirm: 'lose messages of orders-2' } },
    1,
    ['unclean 2', 'preferred 0'],
  ],
  ['a flag of another time', { flags: { unclean: true, confirm: 'lose messages of 2 partitions' } }, 3, []],
  ['without --unclean', { flags: { confirm: 'lose messages of orders-2' } }, 2, []],
  ['not asked for', { flags: {}, types: 'lose messages of orders-2' }, 1, ['preferred 0']],
];
for (const [name, how, status, asked] of uncleanly) {
  test(`an unclean election: ${name}`, async () => {
    const partitions = [partition(0), partition(2, lost)];
    const seen = await play({ partitions, brokers: [0, 1], flags: { unclean: true }, ...how });
    assert.is(seen.status, status, seen.error);
    assert.equal(seen.asked, asked);
    if (status === 3)
      assert.match(seen.error, /loses for good what only broker 2 has, .*--confirm "lose messages of orders-2"/);
  });
}

test.run();
