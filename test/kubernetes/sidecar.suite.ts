/** The shipped manifests in sidecar mode, on a real Kubernetes with real Kafka. */
import { suite } from 'uvu';
import { addScenarios, type Context } from './scenarios.ts';

const test = suite<Context>('sidecar mode on Kubernetes', {} as Context);
addScenarios(test, { overlay: 'minikube', agentContainer: 'barnabas', agentIsBroker: false });
test.run();
