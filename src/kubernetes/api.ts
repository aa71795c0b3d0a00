/**
 * The connection to Kubernetes' API: one deadline for each call, and every answer a value.
 *
 * No call names a resourceVersion, so each read is answered from etcd's quorum and none from a cache (Source: Kubernetes
 * API Concepts, "Resource versions"). Import it only when it is needed: the client is most of the program.
 */
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  createConfiguration,
  EventsV1Api,
  HttpMethod,
  KubeConfig,
  ServerConfiguration,
} from '@kubernetes/client-node';
import type { Learnt } from '../domain/pod-evidence.ts';

export interface KubernetesApi {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly events: EventsV1Api;
}

/** How long one call may take: an API server that is not there at all refuses at once or never answers. */
const callMs = 5000;

/** In a pod its service account's; elsewhere what `kubectl` would use. */
export function loadConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}

export function connect(config: KubeConfig = loadConfig()): KubernetesApi {
  const server = config.getCurrentCluster();
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(server?.server ?? '', {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        pre(context) {
          context.setSignal(AbortSignal.timeout(callMs));
          if (context.getHttpMethod() === HttpMethod.PATCH) {
            context.setHeaderParam('Content-Type', 'application/merge-patch+json');
          }
          return Promise.resolve(context);
        },
        post: (context) => Promise.resolve(context),
      },
    ],
  });
  return {
    core: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    events: new EventsV1Api(configuration),
  };
}

/** Any failure to ask is `unknown`; only the API's own word for it is `absent`. */
export async function learn<T>(call: () => Promise<T>): Promise<Learnt<T>> {
  try {
    return { kind: 'found', value: await call() };
  } catch (error) {
    if (isStatus(error, 404) && isAboutObject(error)) return { kind: 'absent' };
    return { kind: 'unknown', why: reasonOf(error) };
  }
}

/** `done`, or why not. */
export async function attempt(call: () => Promise<unknown>): Promise<Attempted> {
  try {
    await call();
    return { kind: 'done' };
  } catch (error) {
    return {
      kind: 'failed',
      why: reasonOf(error),
      conflict: isStatus(error, 409),
      absent: isStatus(error, 404) && isAboutObject(error),
      silent: !(error instanceof ApiException) || error.code >= 500,
    };
  }
}

export type Attempted =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed';
      readonly why: string;
      readonly conflict: boolean;
      readonly absent: boolean;
      readonly silent: boolean;
    };

const isStatus = (error: unknown, code: number): error is ApiException<unknown> =>
  error instanceof ApiException && error.code === code;

/** A proxy that answers 404 for a path it does not know says nothing of the object. */
function isAboutObject({ body }: ApiException<unknown>): boolean {
  const status = typeof body === 'string' ? parse(body) : body;
  return (status as { reason?: unknown } | undefined)?.reason === 'NotFound';
}

export function reasonOf(error: unknown): string {
  if (error instanceof ApiException) {
    const status: unknown = typeof error.body === 'string' ? parse(error.body) : error.body;
    const { message } = (status ?? {}) as { message?: unknown };
    return typeof message === 'string' ? message : `Kubernetes answered ${error.code}`;
  }
  const { name, message } = error as Error;
  return name === 'AbortError' || name === 'TimeoutError'
    ? `Kubernetes' API did not answer within ${callMs / 1000} s`
    : `Kubernetes' API can't be reached (${message})`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
