/**
 * What server.properties is to say, decided before an id is claimed: all but the id and its log dir.
 *
 * Defaults < template < `KAFKA_…` variables < what the agent owns. All that is wrong is found in one go.
 */
import { sameClusterId } from '../cluster-id.ts';
import type { ReferencedFile } from './file-references.ts';
import { checkExternal } from './external.ts';
import { readTemplate, readVariables, type Entries, type Findings, type Template } from './layers.ts';
import { decideListeners } from './listeners.ts';
import { removeOwned } from './owned.ts';
import { decideZooKeeper } from './zookeeper-connect.ts';

export interface PropertiesInput {
  readonly template?: Template;
  readonly environment: Readonly<Record<string, string>>;
  /** By variable: what the `…_FILE` variables refer to. */
  readonly secretFiles: ReadonlyMap<string, ReferencedFile>;
  /** `--zookeeper`. */
  readonly zookeeper?: string;
  /** `--advertised-host`. */
  readonly advertisedHost?: string;
  readonly podIp?: string;
  /** Whether a listener for clients outside Kubernetes is to be added. */
  readonly external?: boolean;
}

export interface PropertiesPlan {
  /** By key, without those that only the claimed id decides. */
  readonly entries: ReadonlyMap<string, { readonly value: string; readonly source: string }>;
  readonly mode: 'zookeeper' | 'kraft';
  readonly zookeeperConnect?: string;
  /** What the environment says of the cluster's id. */
  readonly clusterId?: string;
}

export type PropertiesPlanned =
  | { readonly ok: true; readonly plan: PropertiesPlan; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

export function planProperties(input: PropertiesInput): PropertiesPlanned {
  const { environment } = input;
  const findings: Findings = { problems: [], warnings: [] };
  const entries: Entries = new Map();
  if (input.template)
    for (const [key, entry] of readTemplate(input.template, environment, findings)) entries.set(key, entry);
  for (const [key, entry] of readVariables({ environment, files: input.secretFiles }, findings))
    entries.set(key, entry);
  removeOwned(entries, findings);
  decideZooKeeper(entries, { told: input.zookeeper, environment }, findings);
  decideListeners(entries, { told: input.advertisedHost, podIp: input.podIp }, findings);
  if (input.external === true) checkExternal(entries, findings);
  const mode = decideMode(entries, findings);
  const clusterId = decideClusterId(environment, findings);
  if (findings.problems.length > 0) return { ok: false, problems: findings.problems };
  const zookeeperConnect = mode === 'zookeeper' ? entries.get('zookeeper.connect')?.value : undefined;
  const plan = {
    entries,
    mode,
    ...(zookeeperConnect !== undefined && { zookeeperConnect }),
    ...(clusterId !== undefined && { clusterId }),
  };
  return { ok: true, plan, warnings: findings.warnings };
}

function decideMode(entries: Entries, { problems, warnings }: Findings): PropertiesPlan['mode'] {
  const roles = entries.get('process.roles');
  const connect = entries.get('zookeeper.connect');
  const migrating = entries.get('zookeeper.metadata.migration.enable')?.value === 'true';
  if (roles && connect && !migrating) {
    const both = `${roles.source} makes this a KRaft broker, and ${connect.source} a ZooKeeper one`;
    problems.push(`${both}: remove one of them`);
  }
  if (!roles && !connect) {
    warnings.push('neither --zookeeper nor KAFKA_PROCESS_ROLES is set, and no broker starts without one of them');
  }
  if (roles) return 'kraft';
  // Ids that Kafka generates begin beyond this bound, and with generation on it refuses to start a reclaimed one.
  if (!entries.has('broker.id.generation.enable')) {
    entries.set('broker.id.generation.enable', { value: 'false', source: 'default' });
  }
  return 'zookeeper';
}

const clusterIdVariables = ['KAFKA_CLUSTER_ID', 'KAFKA_KRAFT_CLUSTER_ID', 'CLUSTER_ID'];
/** Of Apache's image, Confluent's examples and Debezium's image. */
const everybodys = ['5L6g3nShT-eMCtK--X86sw', '4L6g3nShT-eMCtK--X86sw', 'ldlg5yhkQeWtnUrZrC6edg'];

function decideClusterId(
  environment: PropertiesInput['environment'],
  { problems, warnings }: Findings,
): string | undefined {
  const given = clusterIdVariables.filter((name) => environment[name]);
  const [first, ...others] = given;
  if (first === undefined) return undefined;
  const id = environment[first] ?? '';
  for (const other of others) {
    const otherId = environment[other] ?? '';
    if (!sameClusterId(id, otherId))
      problems.push(`${first} says ${id}, and ${other} says ${otherId}: remove one of them`);
  }
  if (everybodys.some((shared) => sameClusterId(shared, id))) {
    warnings.push(`${first}: ${id} is the example that many images share: it can't tell your clusters apart`);
  }
  return id;
}
