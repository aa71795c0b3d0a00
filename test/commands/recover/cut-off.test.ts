/** Recoveries that are cut off at every place there is, on a model cluster. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { after, assignment, before, cluster, earlier, isWhole, throttled } from './five-partitions.ts';
import type { ModelKafka, ModelOptions } from './model-kafka.ts';
import { emptyDisk, play } from './play.ts';

const test = suite('a recovery that is cut off');

/** Cuts `verb` off at each call in turn; then ends it by `then`. */
async function atEveryCall(
  then: 'resume' | 'abort',
  check: (kafka: ModelKafka) => void,
  options: Partial<ModelOptions> = {},
) {
  const { calls } = await play('apply', { kafka: cluster(options), disk: emptyDisk() }, { flags: throttled });
  assert.ok(calls > 50, `only ${calls} calls`);
  for (let killAt = 0; killAt < calls; killAt += 1) {
    const kafka = cluster(options);
    const disk = emptyDisk();
    const cut = await play('apply', { kafka, disk }, { flags: throttled, killAt });
    assert.is(cut.status, 'killed');
    const ended = await play(then, { kafka, disk });
    const nothingBegun = ended.status === 3 && disk.files.size === 0;
    if (nothingBegun) assert.equal(assignment(kafka), before);
    else if (/is done/.test(`${ended.message} ${ended.printed.join()}`)) isWhole(kafka);
    else {
      assert.is(ended.status, 0, `cut at ${killAt}: ${ended.message}`);
      check(kafka);
    }
    assert.equal(Object.fromEntries(kafka.configs), earlier, `cut at ${killAt}`);
    kafka.hearAll();
    assert.equal(kafka.obeyed, earlier, `cut at ${killAt}`);
    assert.equal(kafka.faults, []);
  }
}

test('SIGKILL at every single call, then resume: the same end, no throttle left, nothing copied twice', () =>
  atEveryCall('resume', (kafka) => {
    isWhole(kafka);
    assert.ok([...kafka.begun.values()].every((times) => times === 1));
    assert.ok(kafka.mostAtOnce <= 2);
  }));

test('SIGKILL at every single call, then abort: exactly as it was, but for what was done', () =>
  atEveryCall('abort', (kafka) => {
    assignment(kafka).forEach((replicas, index) => assert.ok([before[index], after[index]].includes(replicas)));
    assert.is(kafka.flights.size, 0);
  }));

test('brokers that hear of changes late: nothing is copied before they have heard of the throttle', async () => {
  const kafka = cluster({ sluggish: true });
  assert.is((await play('apply', { kafka, disk: emptyDisk() }, { flags: throttled })).status, 0);
  isWhole(kafka);
});

test('SIGKILL at every single call, brokers hearing of changes late: no throttle is left for them to hear of', async () => {
  await atEveryCall('resume', isWhole, { sluggish: true });
  await atEveryCall('abort', ({ flights }) => assert.is(flights.size, 0), { sluggish: true });
});

test('SIGKILL of resume at every single call, again and again, then resume: the same end', async () => {
  for (const step of [3, 7, 11]) {
    const kafka = cluster();
    const disk = emptyDisk();
    await play('apply', { kafka, disk }, { flags: throttled, killAt: 40 });
    let runs = 0;
    let killAt = step;
    for (; (await play('resume', { kafka, disk }, { killAt })).status === 'killed'; runs += 1) killAt += step;
    assert.ok(runs > 0);
    isWhole(kafka);
    assert.ok([...kafka.begun.values()].every((times) => times === 1));
  }
});

test('SIGKILL of abort at every single call, then abort: exactly as it was', async () => {
  for (let killAt = 0; ; killAt += 1) {
    const kafka = cluster({ speed: 1 });
    const disk = emptyDisk();
    await play('apply', { kafka, disk }, { flags: throttled, killAt: 60 });
    assert.ok(kafka.flights.size > 0);
    const { status } = await play('abort', { kafka, disk }, { killAt });
    if (status === 'killed')
      assert.match(
        (await play('abort', { kafka, disk })).printed.join(),
        /5 of 5 partitions as they were|is called off/,
      );
    assert.equal(assignment(kafka), before);
    assert.equal(Object.fromEntries(kafka.configs), earlier, `cut at ${killAt}`);
    if (status !== 'killed') break;
  }
});

test.run();
