/** Kubernetes as a person reaches it: by a kubeconfig, and with that person's rights. */
import { KubeConfig } from '@kubernetes/client-node';
import { BarnabasError } from '../errors.ts';
import type { ClusterTarget } from '../ports-cluster.ts';
import { connect, loadConfig, reasonOf, type KubernetesApi } from './api.ts';

export interface Connected {
  readonly api: KubernetesApi;
  readonly config: KubeConfig;
  readonly namespace: string;
}

export function connectAs({ kubeconfig, context, namespace }: ClusterTarget): Connected {
  const config = readConfig(kubeconfig);
  if (context !== undefined) {
    if (!config.getContextObject(context)) {
      const known = config.getContexts().map(({ name }) => name);
      const there = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
      throw new BarnabasError('settings-invalid', `--context: the kubeconfig has no context "${context}": ${there}`);
    }
    config.setCurrentContext(context);
  }
  const own = config.getContextObject(config.getCurrentContext())?.namespace;
  return { api: connect(config), config, namespace: namespace ?? own ?? 'default' };
}

function readConfig(file: string | undefined): KubeConfig {
  const source = file === undefined ? "kubectl's kubeconfig" : `--kubeconfig: ${file}`;
  try {
    if (file === undefined) return loadConfig();
    const config = new KubeConfig();
    config.loadFromFile(file);
    return config;
  } catch (error) {
    throw new BarnabasError('settings-invalid', `${source} can't be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Says what could not be done; Kubernetes itself says which right is missing. */
export async function demand<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const message = `cannot ${what}: ${reasonOf(error)}`;
    const hint = /can't be reached|did not answer/.test(message) ? '; are --context and --kubeconfig right?' : '';
    throw new BarnabasError('kubernetes-failed', `${message}${hint}`, { cause: error });
  }
}
