/** `npm run test:kubernetes -- hold [OVERLAY]`: the cluster of the tests with brokers and a load, until Ctrl-C, to look around in. */
import { setField } from './field.ts';

const field = await setField({ overlay: process.argv[2] ?? 'minikube' });
await field.whole();
process.stdout.write(`KUBECONFIG=${field.cluster.kubeconfig}\n`);
// The load goes on, and a signal ends the cluster and this program.
