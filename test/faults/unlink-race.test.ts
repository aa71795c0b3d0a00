/** Kafka 3.8 and newer unlink `.lock` on a clean stop: who locks the old file while another makes a new one has nothing. */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tryOfdLock } from '../../src/volume/ofd-lock.ts';
import { startAgent, until, type RunningAgent } from '../support/agent.ts';
import { callsOn } from './calls.ts';

interface Context {
  directory: string;
  volume: string;
  lock: string;
}
const test = suite<Context>('the unlink race', {} as Context);
test.before.each((context) => {
  context.directory = mkdtempSync(join(tmpdir(), 'unlink-'));
  context.volume = join(context.directory, 'volume');
  context.lock = join(context.volume, 'kafka-logs-0/.lock');
  mkdirSync(join(context.volume, 'kafka-logs-0'), { recursive: true });
  writeFileSync(context.lock, '');
});
test.after.each(({ directory }) => rmSync(directory, { recursive: true, force: true }));

function claimUnder({ directory, volume }: Context, strace: readonly string[]): RunningAgent {
  const words = ['claim', '--volume', volume, '--brokers', '1', '--wait', '0s', '--config-out', join(directory, 'x')];
  return startAgent(words, { under: ['strace', ...strace] });
}

const hasOpen = (agent: RunningAgent, path: string): boolean =>
  agent.descendants().some((pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === path);
    } catch {
      // A descriptor that was closed, or the process that ended, since the listing.
      return false;
    }
  });

// Mutant caught: probeKafkaLock() that does not look whether the path still names what it locked.
test('a .lock that is unlinked and made anew between open and lock is a live broker’s', async (context) => {
  const { directory, volume, lock } = context;
  const log = join(directory, 'strace.log');
  await claimUnder(context, ['-y', '-o', log, '-e', 'trace=fcntl']).finished;
  const probe = callsOn(volume, log).find((call) => call.path === 'kafka-logs-0/.lock');
  assert.ok(probe, 'the claim tries .lock');
  rmSync(join(volume, '.barnabas'), { recursive: true });

  const delayed = ['-o', log, '-e', 'trace=fcntl', '-e', `inject=fcntl:delay_enter=2000000:when=${probe.ordinal}`];
  const agent = claimUnder(context, delayed);
  await until(() => hasOpen(agent, lock), 'the claim to have .lock open');
  // The old broker goes, and a new one comes.
  unlinkSync(lock);
  const broker = openSync(lock, 'w+');
  try {
    assert.ok(tryOfdLock(broker));
    const { status, stderr } = await agent.finished;
    assert.is(status, 4, stderr);
    assert.match(stderr, /a process outside Barnabas holds kafka-logs-0\/\.lock/);
  } finally {
    closeSync(broker);
  }
});

test.run();
