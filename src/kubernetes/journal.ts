/**
 * A journal in a ConfigMap: it outlives the pod of a Job. Packed, since etcd takes little more than 1 MB an object. Each write
 * says what it replaces, so that of two writers one is refused.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { BarnabasError } from '../errors.ts';
import type { ClusterTarget } from '../ports-cluster.ts';
import type { JournalStore } from '../ports-journal.ts';
import { attempt, learn, type Attempted } from './api.ts';
import { connectAs } from './person.ts';
import { metadataOf } from './services.ts';

const key = 'journal.gz';

export function openConfigMapJournal(name: string, target: ClusterTarget): JournalStore {
  const { api, namespace } = connectAs(target);
  const place = `configmap/${name} in namespace ${namespace}`;
  /** Of what was read or written last. */
  let version: string | undefined;
  return {
    place,
    async read() {
      const found = await learn(() => api.core.readNamespacedConfigMap({ name, namespace }));
      if (found.kind === 'unknown') throw failed('read', place, found.why);
      version = found.kind === 'found' ? found.value.metadata?.resourceVersion : undefined;
      const packed = found.kind === 'found' ? found.value.binaryData?.[key] : undefined;
      return packed === undefined ? undefined : gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');
    },
    async write(text) {
      const metadata = metadataOf(name);
      if (version !== undefined) metadata.resourceVersion = version;
      const body = { metadata, binaryData: { [key]: gzipSync(text).toString('base64') } };
      const wrote = await attempt(async () => {
        const map =
          version === undefined
            ? await api.core.createNamespacedConfigMap({ namespace, body })
            : await api.core.replaceNamespacedConfigMap({ name, namespace, body });
        version = map.metadata?.resourceVersion;
      });
      if (wrote.kind === 'failed') throw refused(place, wrote);
    },
    close: () => Promise.resolve(),
  };
}

function refused(place: string, { why, conflict }: Extract<Attempted, { kind: 'failed' }>): BarnabasError {
  if (!conflict) return failed('write', place, why);
  const hint = 'stop one of them, and `resume`';
  return new BarnabasError('journal-failed', `another recovery is at work with the journal ${place}: ${hint}`);
}

const failed = (what: string, place: string, why: string): BarnabasError =>
  new BarnabasError('journal-failed', `cannot ${what} the journal ${place}: ${why}`);
