/** The shipped manifests with external access, on a real Kubernetes with real Kafka. */
import { suite } from 'uvu';
import { addExternalScenarios, type ExternalContext } from './external-scenarios.ts';

const test = suite<ExternalContext>('external access on Kubernetes', {} as ExternalContext);
addExternalScenarios(test, 'minikube');
test.run();
