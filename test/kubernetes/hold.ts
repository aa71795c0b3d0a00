/** `npm run test:kubernetes -- hold [OVERLAY]`: the cluster of the tests with brokers and a load, until Ctrl-C, to look around in. */
import { once } from 'node:events';
import { setField } from './field.ts';

const field = await setField({ overlay: process.argv[2] ?? 'minikube' });
try {
  await field.whole();
  process.stdout.write(`KUBECONFIG=${field.cluster.kubeconfig}\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
} finally {
  await field.clear();
}
