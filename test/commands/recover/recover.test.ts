/** The commands of a recovery, on a model cluster. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  after,
  assignment,
  before,
  cluster,
  earlier,
  five,
  isWhole,
  leaders,
  live,
  partition,
  throttled,
} from './five-partitions.ts';
import { emptyDisk, play, type Disk } from './play.ts';

const test = suite('recover');

test('apply: in batches, throttled, elected; nothing of the throttle stays, and nothing is left to do', async () => {
  const kafka = cluster();
  const disk = emptyDisk();
  const { status, printed } = await play('apply', { kafka, disk }, { flags: throttled });
  assert.is(status, 0);
  isWhole(kafka);
  assert.ok(kafka.mostAtOnce <= 2);
  assert.match(printed.at(-1) ?? '', /1003=1004: 5 of 5 partitions as planned and in sync .*5 led by their preferred/);
  const again = await play('resume', { kafka, disk });
  assert.equal([again.status, again.printed], [0, ['nothing to do: the recovery 1003=1004 is done']]);
  assert.equal((await play('resume', { kafka, disk }, { flags: { json: true } })).json, {
    nothingToDo: 'the recovery 1003=1004 is done',
  });
  const told = await play('status', { kafka, disk });
  assert.equal(told.printed.length, 2, 'no throttle, and nothing to begin');
  assert.match(told.printed.join('\n'), /^1003=1004: done, .*\n5 of 5 partitions, [\d.]+ kB of [\d.]+ kB$/);
  assert.equal((await play('apply', { kafka, disk }, { flags: throttled })).status, 0);
});

test('with OLD back, abort brings back what was done too, throttled, in the exact order, and led as before', async () => {
  const kafka = cluster();
  const disk = emptyDisk();
  await play('apply', { kafka, disk }, { flags: throttled, each: () => undefined, killAt: 80 });
  assert.ok(assignment(kafka).includes(after[0] ?? ''), 'something is done');
  kafka.live = [1001, 1002, 1003, 1004];
  const { status, printed } = await play('abort', { kafka, disk });
  assert.is(status, 0);
  assert.equal(assignment(kafka), before);
  assert.equal(leaders(kafka), [1003, 1001, 1002, 1003, 1003]);
  assert.equal(Object.fromEntries(kafka.configs), earlier);
  assert.match(printed.join(), /5 of 5 partitions as they were/);
  assert.is((await play('resume', { kafka, disk })).status, 3);
  assert.is((await play('abort', { kafka, disk })).status, 0);
});

test('with OLD dead, abort keeps what was done, and says so', async () => {
  const kafka = cluster();
  const disk = emptyDisk();
  await play('apply', { kafka, disk }, { flags: throttled, killAt: 80 });
  const done = assignment(kafka).filter((replicas, index) => replicas === after[index]);
  const { status, printed } = await play('abort', { kafka, disk });
  assert.is(status, 0);
  assert.match(printed.join('\n'), new RegExp(`${5 - done.length} of 5 partitions as they were`));
  assert.match(printed.join('\n'), /kept as planned: .*the lost broker is not there to go back to/);
});

test('SIGTERM between two steps: it ends, says how to go on, and resume finishes', async () => {
  const kafka = cluster();
  const disk = emptyDisk();
  const stopped = await play('apply', { kafka, disk }, { flags: throttled, stopAt: 60 });
  assert.is(stopped.status, 1);
  assert.match(stopped.message, /interrupted: .*`barnabas recover resume` finishes it, `abort` goes back/);
  assert.is((await play('status', { kafka, disk })).status, 1);
  assert.is((await play('resume', { kafka, disk })).status, 0);
  isWhole(kafka);
  assert.is((await play('status', { kafka, disk })).status, 0);
});

test('a plan in a file is carried out as it stands, and only where it stands', async () => {
  const kafka = cluster();
  const disk = emptyDisk();
  assert.is((await play('plan', { kafka, disk }, { flags: { replace: '1003=1004', plan: 'p.json' } })).status, 0);
  assert.equal(assignment(kafka), before);
  const verified = await play('plan', { kafka, disk }, { flags: { verify: 'p.json' } });
  assert.equal([verified.status, verified.printed], [0, ['p.json is whole: 5 moves, 0 set apart']]);
  const wrong = { ...throttled, replace: '1003=1005', plan: 'p.json' };
  assert.is((await play('apply', { kafka, disk }, { flags: wrong })).status, 2);
  assert.is((await play('apply', { kafka, disk }, { flags: { ...throttled, plan: 'p.json' } })).status, 0);
  isWhole(kafka);
  disk.files.set('q.json', (disk.files.get('p.json') ?? '').replace('1004', '1005'));
  const damaged = await play('plan', { kafka, disk }, { flags: { verify: 'q.json' } });
  assert.is(damaged.status, 3);
  assert.match(damaged.message, /cannot use the plan q\.json: it was changed since it was made/);
});

test('partitions that can not heal, and moves of others, are set apart and named; the rest goes on', async () => {
  const partitions = [
    ...five(),
    partition(5, { replicas: [1003], isr: [1003], leader: -1, minIsr: 1 }),
    partition(6, { replicas: [1003, 1001], isr: [1003], leader: -1 }),
    partition(7),
  ];
  const kafka = cluster({ partitions });
  await kafka.admin(() => undefined).reassign([{ topic: 't1', partition: 7, replicas: [1004, 1002] }]);
  const flight = kafka.flights.get('t1-7');
  assert.ok(flight);
  flight.copied = -1e9;
  const { status, printed } = await play('apply', { kafka, disk: emptyDisk() }, { flags: throttled });
  assert.is(status, 0);
  assert.equal(assignment(kafka).slice(0, 5), after);
  assert.match(printed.join('\n'), /set apart: 1 partition \(t1-5\): no live broker has a replica of it/);
  assert.match(printed.join('\n'), /set apart: 1 partition \(t0-6\): the last in sync \(1003\) is not in the cluster/);
  assert.match(printed.join('\n'), /set apart: 1 partition \(t1-7\): it is being moved to 1004,1002 already/);
  assert.equal(kafka.faults, []);
});

test("a move of somebody else's that begins after the plan is left, the rest is done, and resume does it later", async () => {
  const kafka = cluster();
  const disk = emptyDisk();
  await play('plan', { kafka, disk }, { flags: { replace: '1003=1004', plan: 'p.json' } });
  await kafka.admin(() => undefined).reassign([{ topic: 't0', partition: 0, replicas: [1003, 1001, 1004, 1002] }]);
  const flight = kafka.flights.get('t0-0');
  assert.ok(flight);
  flight.copied = -1e9;
  const flags = { ...throttled, plan: 'p.json' };
  const { status, printed } = await play('apply', { kafka, disk }, { flags });
  assert.is(status, 1);
  assert.match(printed.join('\n'), /left: 1 partition \(t0-0\): somebody moves it to 1003,1001,1004,1002/);
  assert.equal(assignment(kafka).slice(1), after.slice(1));
  assert.equal(Object.fromEntries(kafka.configs), earlier);
  await kafka.admin(() => undefined).reassign([{ topic: 't0', partition: 0, replicas: null }]);
  await kafka.admin(() => undefined).reassign([{ topic: 't0', partition: 0, replicas: [1003, 1001, 1002] }]);
  assert.is((await play('resume', { kafka, disk })).status, 0);
  isWhole(kafka);
});

test('OLD comes back in the middle: who sits there is asked, and may go back', async () => {
  const kafka = cluster();
  const returns = (second: number): void => {
    if (second === 8) kafka.live = [1001, 1002, 1003, 1004];
  };
  const flags = { ...throttled, yes: false };
  const { status, warned, printed } = await play(
    'apply',
    { kafka, disk: emptyDisk() },
    {
      flags,
      types: ['yes', 'back'],
      each: returns,
    },
  );
  assert.is(status, 0);
  assert.match(warned.join('\n'), /the lost broker is back, with what it had .*"broker":"1003"/);
  assert.match(printed.at(-1) ?? '', /is called off: 5 of 5 partitions as they were/);
  assert.equal(assignment(kafka), before);
  assert.equal(Object.fromEntries(kafka.configs), earlier);
});

test('OLD comes back in the middle: with --yes it is said, and finished', async () => {
  const kafka = cluster();
  const returns = (second: number): void => {
    if (second === 8) kafka.live = [1001, 1002, 1003, 1004];
  };
  const { status, warned } = await play('apply', { kafka, disk: emptyDisk() }, { flags: throttled, each: returns });
  assert.is(status, 0);
  assert.match(warned.join('\n'), /is back/);
  isWhole(kafka);
});

test('NEW dies in the middle: it says what to do, gives up after --wait, and resume finishes once NEW is back', async () => {
  const kafka = cluster();
  const disk = emptyDisk();
  const dies = (second: number): void => {
    if (second === 8) kafka.live = [1001, 1002];
  };
  const flags = { ...throttled, wait: '60s' };
  const { status, message, warned } = await play('apply', { kafka, disk }, { flags, each: dies });
  assert.is(status, 4);
  assert.match(warned.join('\n'), /nothing moves .*broker 1004 is not in the cluster: start it/);
  assert.match(message, /stands still for 6\d s: broker 1004 is not in the cluster/);
  kafka.live = live;
  assert.is((await play('resume', { kafka, disk })).status, 0);
  isWhole(kafka);
});

test('NEW dies while the throttle is put on: what is live is looked at again, and it is waited for', async () => {
  const kafka = cluster();
  const disk = emptyDisk();
  kafka.dying = 1004;
  const missed = (second: number): void => {
    if (second === 9) kafka.live = [1001, 1002];
  };
  const { status, message } = await play(
    'apply',
    { kafka, disk },
    { flags: { ...throttled, wait: '60s' }, each: missed },
  );
  assert.is(status, 4);
  assert.match(message, /stands still for 6\d s: broker 1004 is not in the cluster/);
  kafka.dying = undefined;
  kafka.live = live;
  assert.is((await play('resume', { kafka, disk })).status, 0);
  isWhole(kafka);
});

test('a broker that stays in the list and does not answer is asked for a minute', async () => {
  const kafka = cluster();
  const disk = emptyDisk();
  kafka.dying = 1004;
  const { status, message } = await play('apply', { kafka, disk }, { flags: throttled });
  assert.equal([status, message], [1, 'cannot ask broker 1004']);
  kafka.dying = undefined;
  assert.is((await play('resume', { kafka, disk })).status, 0);
  isWhole(kafka);
});

test('a broker that is away at the end keeps its throttle until resume: that is told', async () => {
  const kafka = cluster();
  const disk = emptyDisk();
  const dies = (second: number): void => {
    if (second === 8) kafka.live = [1001, 1004];
  };
  const { status, printed } = await play('apply', { kafka, disk }, { flags: throttled, each: dies });
  assert.is(status, 1);
  assert.match(
    printed.join('\n'),
    /broker 1002 is away and may keep its throttle until it is back: then `resume` again/,
  );
  kafka.live = live;
  assert.is((await play('resume', { kafka, disk })).status, 0);
  isWhole(kafka);
});

test('a broker that is away when all is called off keeps its throttle until abort: that is told', async () => {
  const kafka = cluster();
  const disk = emptyDisk();
  await play('apply', { kafka, disk }, { flags: throttled, killAt: 60 });
  kafka.live = [1001, 1002];
  const { status, printed } = await play('abort', { kafka, disk });
  assert.is(status, 1);
  assert.match(printed.join('\n'), /broker 1004 is away and may keep its throttle .* then `abort` again/);
  kafka.live = live;
  assert.is((await play('abort', { kafka, disk })).status, 0);
  assert.equal(Object.fromEntries(kafka.configs), earlier);
});

for (const [name, options, flags, status, words] of [
  [
    'OLD lives',
    { live: [1001, 1002, 1003, 1004] },
    throttled,
    3,
    /broker 1003 is in the cluster: nothing of it is lost/,
  ],
  ['NEW is not there', { live: [1001, 1002] }, throttled, 3, /broker 1004 is not in the cluster: start it first/],
  ['nobody to ask', {}, { replace: '1003=1004' }, 2, /nobody is there to be asked: --yes/],
  ['nothing to do it with', {}, { yes: true }, 2, /--plan or --replace is missing/],
] as const) {
  test(`refused before anything is changed: ${name}`, async () => {
    const kafka = cluster(options);
    const disk = emptyDisk();
    const played = await play('apply', { kafka, disk }, { flags });
    assert.is(played.status, status);
    assert.match(played.message, words);
    assert.equal([assignment(kafka), disk.files.size], [before, 0]);
  });
}

test('a throttle that producers outrun is refused, with what they bring', async () => {
  const kafka = cluster();
  const grow = (second: number): void => void Object.assign(kafka, { bytes: 1000 + second * 400 });
  const { status, message } = await play('apply', { kafka, disk: emptyDisk() }, { flags: throttled, each: grow });
  assert.is(status, 3);
  assert.match(
    message,
    /--throttle 500 B\/s would never end: producers bring 800 B\/s to what broker 1004 is to copy at once/,
  );
  assert.equal(assignment(kafka), before);
});

test('resume takes another rate, and takes both away again', async () => {
  const kafka = cluster();
  const disk: Disk = emptyDisk();
  await play('apply', { kafka, disk }, { flags: throttled, killAt: 60 });
  const { status } = await play('resume', { kafka, disk }, { flags: { throttle: '900' } });
  assert.is(status, 0);
  isWhole(kafka);
});

test('an unfinished recovery stands in the way of another', async () => {
  const kafka = cluster();
  const disk = emptyDisk();
  await play('apply', { kafka, disk }, { flags: throttled, killAt: 60 });
  const { status, message } = await play('apply', { kafka, disk }, { flags: { ...throttled, replace: '1002=1004' } });
  assert.is(status, 3);
  assert.match(message, /the recovery 1003=1004 is not finished: `resume` or `abort` it first/);
  assert.is((await play('apply', { kafka, disk }, { flags: throttled })).status, 0, 'the same goes on');
  isWhole(kafka);
});

test('on another cluster nothing is done with a journal, and it stays as it is', async () => {
  const kafka = cluster();
  const disk = emptyDisk();
  await play('apply', { kafka, disk }, { flags: throttled, killAt: 60 });
  const left = [...disk.files];
  const elsewhere = cluster();
  elsewhere.clusterId = 'another-id';
  for (const verb of ['resume', 'abort', 'status'] as const) {
    const { status, message } = await play(verb, { kafka: elsewhere, disk });
    assert.is(status, 3);
    assert.match(message, /the plan is of cluster cluster-id, and this is another-id/);
  }
  assert.equal([...disk.files], left);
  assert.equal([elsewhere.begun.size, assignment(elsewhere)], [0, before]);
  assert.equal(Object.fromEntries(elsewhere.configs), earlier);
  assert.is((await play('resume', { kafka, disk })).status, 0);
  isWhole(kafka);
});

test('with nothing to move, an id that is taken off the cluster is told', async () => {
  const kafka = cluster({ partitions: [partition(0, { replicas: [1004, 1001, 1002] })] });
  kafka.fenced = [1003];
  const flags = { replace: '1003=1004', unregister: true, yes: true };
  const { status, printed } = await play('apply', { kafka, disk: emptyDisk() }, { flags });
  assert.equal([status, printed], [0, ['1004 for 1003: nothing to move', 'taken off the cluster: 1003']]);
});

test('without a journal there is nothing to resume, abort, or tell', async () => {
  assert.match(
    (await play('resume', { kafka: cluster(), disk: emptyDisk() })).message,
    /cannot resume .*there is no recovery in this journal/,
  );
  assert.is((await play('abort', { kafka: cluster(), disk: emptyDisk() })).status, 3);
  assert.is((await play('status', { kafka: cluster(), disk: emptyDisk() })).status, 0);
});

test.run();
