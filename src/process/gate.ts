/**
 * The gate between the agent and the broker's container beside it: a directory of the pod's own, seen by both.
 *
 *   gate                  the shell script that the broker's container starts with; it waits for a permit
 *   permit                one start of the broker is allowed; the script renames it to:
 *   broker.<pid>.<ticks>  who used it: a process of the pod's shared PID namespace, and when that started (proc(5))
 *
 * The rename is what makes a permit good for one start: of two that try, one finds nothing. Taking it back is an
 * unlink, so that it is either taken back or used, and never both.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import type { Gate, PodBroker } from '../ports.ts';
import { containerMembers, isRunning, mountNamespaceOf, signalAll, type ProcessStart } from './container.ts';

/** POSIX sh, and no program but mv and sleep: it has to run in any image. */
const script = `#!/bin/sh
# Barnabas: waits for the permit to start the broker, and becomes the broker.
here=\${0%/*}
IFS= read -r stat <"/proc/$$/stat" || exit 1
ticks=$(set -- \${stat##*) }; echo "\${20}")
until mv "$here/permit" "$here/broker.$$.$ticks" 2>/dev/null; do sleep 0.1; done
exec "$@"
`;

const permit = 'permit';
const gate = 'gate';

/** The directory must be there; what an earlier container of this pod left in it is kept. */
export function openGate(directory: string): Gate {
  const at = (name: string): string => join(directory, name);
  return {
    open() {
      const fresh = at(`.${gate}.${process.pid}`);
      fs.writeFileSync(fresh, script, { mode: 0o755 });
      fs.chmodSync(fresh, 0o755);
      fs.renameSync(fresh, at(gate));
    },
    issue() {
      for (const name of usedPermits(directory)) fs.rmSync(at(name), { force: true });
      fs.writeFileSync(at(permit), '');
    },
    revoke: () => fs.rmSync(at(permit), { force: true }),
    broker: () => newestBroker(directory),
  };
}

const usedPermits = (directory: string): string[] =>
  fs.readdirSync(directory).filter((name) => name.startsWith('broker.'));

function newestBroker(directory: string): PodBroker | undefined {
  for (const name of usedPermits(directory)) {
    const [, pid, ticks] = name.split('.').map(Number);
    if (pid !== undefined && ticks !== undefined && isRunning({ pid, ticks })) return podBroker({ pid, ticks });
  }
  return undefined;
}

/**
 * Its container is known by its mount namespace, which outlives the first process of it. One that shares ours is in no
 * container of its own: then nobody but that process is touched.
 */
function podBroker(first: ProcessStart): PodBroker {
  const namespace = mountNamespaceOf(first.pid);
  const isOwnContainer = namespace !== undefined && namespace !== mountNamespaceOf('self');
  const members = (): number[] => {
    if (isOwnContainer) return containerMembers(namespace);
    return isRunning(first) ? [first.pid] : [];
  };
  return { pid: first.pid, liveMembers: members, kill: () => signalAll(members(), 'SIGKILL') };
}
