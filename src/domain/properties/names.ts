/**
 * From the name of a `KAFKA_…` variable to the key of a property, as Confluent's and Apache's images do it: the first
 * `KAFKA_` goes, then `_` stands for `.`, `__` for `_`, `___` for `-`.
 *
 * Sources: confluentinc/kafka-images (ub), apache/kafka docker (KAFKA-17911: only the first prefix goes).
 */

/**
 * `key`: it sets this property, or names the file that does. `ignored`: it is none of the broker's properties; with a
 * warning where people may think that it is. `problem`: it could mean several things.
 */
export type VariableMeaning =
  | { readonly kind: 'key'; readonly key: string; readonly from: 'value' | 'file' }
  | { readonly kind: 'ignored'; readonly warning?: string }
  | { readonly kind: 'problem'; readonly problem: string };

const prefix = 'KAFKA_';

/** Of the JVM, the start scripts and the images; what they mean is not for server.properties. */
const neverMapped = new Set(
  `VERSION HOME HEAP_OPTS OPTS JMX_OPTS JMX_PORT JMX_HOSTNAME JVM_PERFORMANCE_OPTS GC_LOG_OPTS LOG4J_OPTS
   LOG4J_CMD_OPTS LOG4J_ROOT_LOGLEVEL LOG4J_LOGGERS TOOLS_LOG4J_LOGLEVEL DEBUG LOG DATA_DIRS CREATE_TOPICS
   CREATE_TOPICS_SEPARATOR CLUSTER_ID KRAFT_CLUSTER_ID SKIP_KRAFT_STORAGE_INIT INITIAL_CONTROLLERS`.split(/\s+/),
);

const misunderstood: readonly { readonly pattern: RegExp; readonly hint: string }[] = [
  { pattern: /_COMMAND$/, hint: 'no command is run for it; set the value itself' },
  { pattern: /^SSL_.*_FILENAME$/, hint: 'it is not read; set KAFKA_SSL_…_LOCATION to the whole path' },
  { pattern: /^SSL_.*_CREDENTIALS$/, hint: 'it is not read; set KAFKA_SSL_…_PASSWORD_FILE to the path of the file' },
];

/** Keys with capitals, which no variable's name can carry. */
const capitals: Readonly<Record<string, string>> = {
  'zookeeper.clientcnxnsocket': 'zookeeper.clientCnxnSocket',
  'zookeeper.client.cnxn.socket': 'zookeeper.clientCnxnSocket',
};

/** Undefined if the variable does not begin with `KAFKA_`. */
export function readVariableName(name: string, value: string): VariableMeaning | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const rest = name.slice(prefix.length);
  if (rest === '' || neverMapped.has(rest) || rest.startsWith('REST_')) return { kind: 'ignored' };
  if (isServiceLink(name, value)) return { kind: 'ignored' };
  const trap = misunderstood.find(({ pattern }) => pattern.test(rest));
  if (trap) return { kind: 'ignored', warning: `${name}: ${trap.hint}` };
  const from = /._FILE$/.test(rest) ? 'file' : 'value';
  const base = from === 'file' ? rest.slice(0, -'_FILE'.length) : rest;
  if (neverMapped.has(base)) return { kind: 'ignored' };
  if (/^_|_$|_{4}/.test(base)) {
    const why = 'underscores at its ends, or four in a row, mean different keys in different images';
    return { kind: 'problem', problem: `${name}: ${why}; set the property in a --template` };
  }
  return { kind: 'key', key: keyOf(base), from };
}

const standsFor: Readonly<Record<string, string>> = { _: '.', __: '_', ___: '-' };

function keyOf(base: string): string {
  const key = base.toLowerCase().replace(/_+/g, (run) => standsFor[run] ?? run);
  return capitals[key] ?? key;
}

const address = /^[0-9a-fA-F:.]+$/;
const port = /^\d+$/;
const url = /^(tcp|udp|sctp):\/\//;

/** What Kubernetes puts into every container for each Service of the namespace, here one called `kafka…`. */
const serviceLinks: readonly (readonly [RegExp, RegExp])[] = [
  [/_SERVICE_HOST$/, address],
  [/_SERVICE_PORT(_.+)?$/, port],
  [/_PORT_\d+_(TCP|UDP|SCTP)_ADDR$/, address],
  [/_PORT_\d+_(TCP|UDP|SCTP)_PORT$/, port],
  [/_PORT_\d+_(TCP|UDP|SCTP)_PROTO$/, /^(tcp|udp|sctp)$/],
  [/_PORT(_\d+_(TCP|UDP|SCTP))?$/, url],
];

/** Only if the value looks like one too: a property may well be called so. */
const isServiceLink = (name: string, value: string): boolean =>
  serviceLinks.some(([names, values]) => names.test(name) && values.test(value));
