/**
 * The gate between the agent and the broker's container beside it: a directory of the pod's own, seen by both.
 *
 *   gate                  the shell script that the broker's container starts with; it waits for a permit
 *   permit                one start of the broker is allowed; the script renames it to:
 *   broker.<pid>.<ticks>  who used it: a process of the pod's shared PID namespace, and when that started (proc(5))
 *   container             the container of that process, as an agent saw it: its mount namespace, and when the first
 *                         process of the pod's PID namespace started
 *
 * The rename is what makes a permit good for one start: of two that try, one finds nothing. Taking it back is an
 * unlink, so that it is either taken back or used, and never both.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import type { Gate, PodBroker } from '../ports.ts';
import { containerMembers, isRunning, mountNamespaceOf, signalAll, startOf, type ProcessStart } from './container.ts';

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
const noted = 'container';

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
      for (const name of [noted, ...usedPermits(directory)]) fs.rmSync(at(name), { force: true });
      fs.writeFileSync(at(permit), '');
    },
    revoke: () => fs.rmSync(at(permit), { force: true }),
    broker: () => newestBroker(directory),
    note(broker) {
      const container = containerOf(broker.pid);
      if (container === undefined) return;
      const fresh = at(`.${noted}.${process.pid}`);
      fs.writeFileSync(fresh, container);
      fs.renameSync(fresh, at(noted));
    },
    hasEnded: () => newestBroker(directory) === undefined && hasEnded(at(noted)),
  };
}

/** Undefined if the broker has no container of its own. */
function containerOf(pid: number): string | undefined {
  const namespace = mountNamespaceOf(pid);
  const startedAt = startOf(1);
  if (namespace === undefined || namespace === mountNamespaceOf('self') || startedAt === undefined) return undefined;
  return `${namespace} ${startedAt}`;
}

/**
 * No process of the noted container lives. With another first process the PID namespace is another one too, and the end
 * of the old one was the end of all that was in it (Source: pid_namespaces(7)); namespaces' own numbers are used again.
 */
function hasEnded(path: string): boolean {
  const [namespace, startedAt] = fs.existsSync(path) ? fs.readFileSync(path, 'utf8').split(' ') : [];
  if (namespace === undefined || startedAt === undefined) return false;
  const first = startOf(1);
  if (first === undefined) return false;
  return String(first) !== startedAt || containerMembers(namespace).length === 0;
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
