/** The shipped manifests in wrapper mode, on a real Kubernetes with real Kafka. */
import { suite } from 'uvu';
import { addScenarios, type Context } from './scenarios.ts';

const test = suite<Context>('wrapper mode on Kubernetes', {} as Context);
addScenarios(test, { overlay: 'minikube-wrapper', agentContainer: 'kafka', agentIsBroker: true });
test.run();
