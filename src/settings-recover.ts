/** Settings of `recover`. Part of the one table in settings.ts. */
import { parseReplacements, type Replacement } from './domain/recovery/replacement.ts';
import { bytes, positive, text, truth } from './parse-setting.ts';

export const recoverySettings = {
  replace: {
    parse: parseReplacements,
    placeholder: 'OLD=NEW[,…]',
    fallback: [] as readonly Replacement[],
    fallbackText: 'as the plan or the journal says',
    many: true,
    help: 'the id that is lost, and the broker that takes its place; may be given more than once',
  },
  plan: {
    parse: text,
    placeholder: 'FILE',
    fallback: undefined,
    help: 'the plan: recover plan writes it, recover apply carries it out',
  },
  verify: {
    parse: text,
    placeholder: 'FILE',
    fallback: undefined,
    help: 'check a plan without a cluster: whether it is whole, and does nothing but replace',
  },
  journal: {
    parse: (value: string): string | { readonly problem: string } =>
      !value.startsWith('configmap/') || /^configmap\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(value)
        ? value
        : { problem: `"${value}" is not configmap/NAME: small letters, digits, - and .` },
    placeholder: 'FILE|configmap/NAME',
    fallback: 'barnabas-recovery.journal',
    help: 'what resume and abort need; in Kubernetes a ConfigMap, that outlives a pod',
  },
  throttle: {
    parse: bytes,
    placeholder: 'RATE',
    fallback: undefined,
    fallbackText: 'none',
    help: 'how much each broker copies at most, such as 50MB: a second; of resume: another rate from now on',
  },
  batchPartitions: {
    parse: positive,
    placeholder: 'N',
    fallback: undefined,
    fallbackText: '100; of resume and abort: as before',
    help: 'how many partitions are copied at a time',
  },
  batchBytes: {
    parse: bytes,
    placeholder: 'SIZE',
    fallback: undefined,
    fallbackText: '100GB; of resume and abort: as before',
    help: 'how much is copied at a time; a partition larger than that goes alone',
  },
  yes: {
    parse: truth,
    placeholder: undefined,
    fallback: false,
    help: 'do not ask: for automation',
  },
  unregister: {
    parse: truth,
    placeholder: undefined,
    fallback: false,
    help: 'KRaft: at the end, when no partition names them any more, take the lost ids off the cluster',
  },
} as const;
