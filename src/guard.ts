/**
 * The watchdog's thread: beats on the id lock's file and looks at the claim every few seconds, and kills the broker at once
 * when the claim is lost. One look at a time; the kill makes no call to the volume.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { LockNote } from './domain/lock-note.ts';
import { beat, type Beat } from './domain/protocol/beat.ts';
import type { GuardOrder } from './ports.ts';
import { signalGroup } from './process/child.ts';
import { openGate } from './process/gate.ts';
import type { FromGuard, ToGuard } from './process/guard-thread.ts';
import { runOnVolume } from './runner.ts';
import { openVolume } from './volume/file-volume.ts';

const order = workerData as GuardOrder;
const volume = openVolume(order.volumeRoot);
let note: LockNote = { generation: order.generation, state: 'running', beat: 0, registration: null };
let timer: NodeJS.Timeout | undefined;
let troubles = '';

const tell = (message: FromGuard): void => parentPort?.postMessage(message);

function look(): void {
  clearTimeout(timer);
  const startedMs = performance.now();
  note = { ...note, beat: note.beat + 1 };
  const result = runOnVolume(beat(order, note), volume);
  if (result.kind === 'lost') return kill(result.why);
  tellTroubles(result);
  // One that took that long was frozen on the way, or the volume was: what it saw may be old.
  const tookMs = performance.now() - startedMs;
  timer = setTimeout(look, tookMs > order.beatMs ? 0 : order.beatMs);
}

function kill(why: string): void {
  try {
    killBroker(order.broker);
    tell({ kind: 'lost', why });
  } catch (error) {
    tell({ kind: 'lost', why: `${why}; and its broker could not be killed: ${(error as Error).message}` });
  }
  parentPort?.close();
}

/** Through a gate: nobody new comes in, and whoever is in ends. */
function killBroker(broker: GuardOrder['broker']): void {
  if ('group' in broker) return signalGroup(broker.group, 'SIGKILL');
  const gate = openGate(broker.gate);
  try {
    gate.revoke();
  } finally {
    gate.broker()?.kill();
  }
}

/** Once, when they change. */
function tellTroubles(result: Extract<Beat, { kind: 'holding' }>): void {
  const now = result.troubles.join('; ');
  if (now !== troubles && now !== '') tell({ kind: 'trouble', troubles: result.troubles });
  troubles = now;
}

parentPort?.on('message', (message: ToGuard) => {
  if (message.kind === 'stop') {
    clearTimeout(timer);
    parentPort?.close();
    return;
  }
  note = { ...note, ...message.change };
  look();
});
look();
