/** Where ZooKeeper is: told, or found by the Services of the namespace. */
import { formatServer, isPort, parseZooKeeperAddress } from '../zookeeper-address.ts';
import type { Entries, Findings } from './layers.ts';

export interface ZooKeeperSources {
  /** `--zookeeper`. */
  readonly told: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

const servicesSource = 'ZOOKEEPER_SERVICE_HOST';

/** Puts `zookeeper.connect` into the entries, if there is any to be found. */
export function decideZooKeeper(entries: Entries, sources: ZooKeeperSources, findings: Findings): void {
  const { told, environment } = sources;
  const set = entries.get('zookeeper.connect');
  if (told !== undefined) {
    // A template's is a default, so the flag wins; a variable of the same rank contradicts it.
    if (set?.source.startsWith('KAFKA_') && set.value !== told) {
      const both = `--zookeeper says ${told}, and ${set.source} says ${set.value}`;
      findings.problems.push(`${both}: remove one of them`);
    }
    entries.set('zookeeper.connect', { value: told, source: '--zookeeper' });
  } else if (!set && !entries.has('process.roles')) {
    const found = fromServices(environment, findings);
    if (found !== undefined) entries.set('zookeeper.connect', { value: found, source: servicesSource });
  }
  check(entries, environment, findings);
}

function check(entries: Entries, environment: ZooKeeperSources['environment'], findings: Findings): void {
  const decided = entries.get('zookeeper.connect');
  if (!decided) return;
  const address = parseZooKeeperAddress(decided.value);
  if ('problem' in address) findings.problems.push(`${decided.source}: ${address.problem}`);
  if (environment['ZOOKEEPER_CHROOT'] && decided.source !== servicesSource) {
    findings.warnings.push(
      `ZOOKEEPER_CHROOT goes with ${servicesSource} only: write the chroot into ${decided.source}`,
    );
  }
}

/** `ZOOKEEPER_SERVICE_HOST`, `ZOOKEEPER2_SERVICE_HOST`, `ZOOKEEPER_10_SERVICE_HOST`: by number, the bare one first. */
function fromServices(environment: ZooKeeperSources['environment'], { problems }: Findings): string | undefined {
  const services = Object.entries(environment).flatMap(([name, host]) => {
    const match = /^(ZOOKEEPER_?(\d*))_SERVICE_HOST$/.exec(name);
    return match && host !== '' ? [{ base: match[1] ?? '', order: match[2] ? Number(match[2]) : -1, host }] : [];
  });
  if (services.length === 0) return undefined;
  services.sort((a, b) => a.order - b.order || a.base.localeCompare(b.base));
  const servers = services.map(({ base, host }) => {
    const variable = `${base}_SERVICE_PORT`;
    const text = environment[variable] ?? '';
    const port = Number(text === '' ? 2181 : text);
    if (!isPort(port)) problems.push(`${variable}: "${text}" is no port`);
    return formatServer({ host, port });
  });
  const chroot = environment['ZOOKEEPER_CHROOT'] ?? '';
  if (chroot !== '' && !chroot.startsWith('/')) problems.push(`ZOOKEEPER_CHROOT: "${chroot}" does not begin with /`);
  return servers.join(',') + chroot;
}
