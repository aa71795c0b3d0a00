/** What a sidecar knows of the broker that came through its gate, with real processes in a mount namespace of their own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PodBroker } from '../../src/ports.ts';
import { openGate } from '../../src/process/gate.ts';
import { until } from '../support/agent.ts';

interface Context {
  readonly directory: string;
  readonly started: ChildProcess[];
}

const test = suite<Context>('the gate', {} as Context);
test.before.each((context) => {
  Object.assign(context, { directory: mkdtempSync(join(tmpdir(), 'gate-')), started: [] });
});
test.after.each(({ directory, started }) => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

function throughGate({ directory, started }: Context, namespace: readonly string[]): void {
  const words = [...namespace, 'sh', join(directory, 'gate'), 'sleep', '60'];
  const [file = '', ...rest] = words;
  started.push(spawn(file, rest, { stdio: 'ignore' }));
}

async function admit(context: Context, namespace: readonly string[]): Promise<PodBroker> {
  const gate = openGate(context.directory);
  gate.open();
  gate.issue();
  throughGate(context, namespace);
  let broker: PodBroker | undefined;
  await until(() => (broker = gate.broker()) !== undefined, 'somebody to come through');
  return broker as PodBroker;
}

const container = ['unshare', '--mount', '--propagation', 'unchanged'];

test('a container that was noted has ended once none of its processes lives', async (context) => {
  const gate = openGate(context.directory);
  assert.is(gate.hasEnded(), false, 'before anybody came');
  const broker = await admit(context, container);
  gate.note(broker);
  assert.is(gate.hasEnded(), false, 'while it lives');
  broker.kill();
  await until(() => broker.liveMembers().length === 0, 'the end of the container');
  // A container of another test may have got the number of its namespace for the moment: then nothing is known.
  await until(() => openGate(context.directory).hasEnded(), 'a later agent to know of its end');
});

test('of one that nobody noted nothing is known', async (context) => {
  const broker = await admit(context, container);
  broker.kill();
  await until(() => broker.liveMembers().length === 0, 'the end of the container');
  assert.is(openGate(context.directory).hasEnded(), false);
});

test('a new permit forgets who ended before', async (context) => {
  const gate = openGate(context.directory);
  const broker = await admit(context, container);
  gate.note(broker);
  broker.kill();
  await until(() => broker.liveMembers().length === 0, 'the end of the container');
  gate.issue();
  assert.is(gate.hasEnded(), false);
});

test('without a container of its own, the end of one process proves nothing', async (context) => {
  const gate = openGate(context.directory);
  const broker = await admit(context, []);
  gate.note(broker);
  broker.kill();
  await until(() => gate.broker() === undefined, 'the end of the process');
  assert.is(gate.hasEnded(), false);
});

test.run();
