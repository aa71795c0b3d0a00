/**
 * A program of its own that watches broker 2, prints what it is told as lines of JSON, and closes the registry when
 * its input ends. It must then end by itself: nothing here calls exit.
 *
 * Usage: watcher-process.ts HOST:PORT[/chroot]
 */
import { openZooKeeperRegistry } from '../../../src/kafka/zookeeper.ts';
import { deadlineOf, recordLog } from './scene.ts';

const registry = openZooKeeperRegistry({ connect: process.argv[2] ?? '', log: recordLog(), sessionTimeoutMs: 1500 });
const say = (value: unknown): boolean => process.stdout.write(`${JSON.stringify(value)}\n`);

registry.watchRegistration(2, (registration) => say({ told: registration?.content ?? null }));
registry.awaitNoRegistration(3, deadlineOf(300)).then(
  (outcome) => say({ outcome }),
  (error: unknown) => say({ outcome: (error as { code?: string }).code }),
);
process.stdin.resume();
await new Promise((resolve) => process.stdin.once('end', resolve));
await registry.close();
say({ closed: true });
