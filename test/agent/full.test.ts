/** A full volume: at whichever write it fills up, no data, record or log dir is changed, and later the claim works. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agent, scratch, startAgent, until, type ClaimResult, type Scratch } from '../support/agent.ts';
import { fillUpTo, mountTmpfs, type Mounted } from '../support/mounts.ts';

const test = suite<{ place: Scratch; mounted: Mounted }>('a full volume', {} as { place: Scratch; mounted: Mounted });
test.before.each((context) => {
  context.place = scratch();
  context.mounted = mountTmpfs(context.place.volume, 'size=2m,nr_inodes=1000');
});
test.after.each(({ place, mounted }) => {
  mounted.unmount();
  place.remove();
});

const claim = (place: Scratch) =>
  agent(['claim', '--volume', place.volume, '--config-out', place.config, '--wait', '0s', '--json'], {
    env: { POD_UID: 'uid' },
  });

/** All that may not change: not the empty directories and lock files on the way to a claim. */
const whatMatters = (place: Scratch): string[] =>
  readdirSync(place.volume, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^kafka|\/g\d+|\/tmp\/|volume\.json/.test(name))
    .sort();

interface Squeeze {
  readonly name: string;
  /** Leaves room for so many things, and gives a way to make room again. */
  readonly squeeze: (place: Scratch, mounted: Mounted, room: number) => () => void;
}

const squeezes: readonly Squeeze[] = [
  {
    name: 'out of inodes',
    squeeze(place, mounted, room) {
      const used = readdirSync(place.volume, { recursive: true }).length + 1;
      mounted.remount(`nr_inodes=${used + room}`);
      return () => mounted.remount('nr_inodes=1000');
    },
  },
  {
    name: 'out of blocks',
    squeeze(place, _, room) {
      fillUpTo(place.volume, room);
      return () => rmSync(join(place.volume, 'filler'));
    },
  },
];

/** Gives room for one thing more each time, until the claim succeeds; returns how many times it failed. */
async function squeezeClaims({ place, mounted }: { place: Scratch; mounted: Mounted }, { squeeze }: Squeeze) {
  for (let room = 0; room < 30; room += 1) {
    const before = whatMatters(place);
    const release = squeeze(place, mounted, room);
    const { status, stdout, stderr } = await claim(place);
    release();
    if (status === 0) return { failures: room, result: JSON.parse(stdout) as ClaimResult };
    assert.is(status, 1, stderr);
    assert.match(stderr, /\(ENOSPC\): the volume is full: free some space or inodes, then start again/);
    const added = whatMatters(place).filter((name) => !before.includes(name));
    // Evidence of a death stays true, and the volume's identity is never taken back once somebody may have read it.
    assert.equal(
      added.filter((name) => !/\.end$|volume\.json$/.test(name)),
      [],
      `with room for ${room}`,
    );
  }
  throw new Error('never succeeded');
}

for (const squeeze of squeezes) {
  test(`${squeeze.name} on an empty volume`, async (context) => {
    const { failures, result } = await squeezeClaims(context, squeeze);
    assert.ok(failures >= 2, `failed ${failures} times`);
    assert.equal([result.brokerId, result.generation, result.evidence], [0, 1, 'new']);
  });

  test(`${squeeze.name} beside a dead broker's data`, async (context) => {
    const { place } = context;
    mkdirSync(join(place.volume, 'kafka-logs-0/orders-0'), { recursive: true });
    writeFileSync(join(place.volume, 'kafka-logs-0/meta.properties'), 'version=0\nbroker.id=0\n');
    const broker = startAgent(['run', '--volume', place.volume, '--config-out', place.config, '--', 'sleep', '1000']);
    const [, pid] = await broker.logged(/started the broker .*pid=(\d+)/);
    broker.child.kill('SIGKILL');
    process.kill(Number(pid), 'SIGKILL');
    await broker.finished;
    await until(() => broker.descendants().length === 0, 'the end of both');
    const { failures, result } = await squeezeClaims(context, squeeze);
    assert.ok(failures >= 1, `failed ${failures} times`);
    assert.equal([result.brokerId, result.generation, result.evidence], [0, 2, 'lock-local']);
  });
}

test.run();
