/** The shipped manifests in init mode, on a real Kubernetes with real Kafka. */
import { suite } from 'uvu';
import { addScenarios, type Context } from './scenarios.ts';

const test = suite<Context>('init mode on Kubernetes', {} as Context);
addScenarios(test, { overlay: 'minikube-init', agentContainer: undefined, agentIsBroker: false });
test.run();
