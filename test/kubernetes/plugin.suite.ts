/** `kubectl barnabas` on a real Kubernetes with real Kafka, through the API server alone. */
import { suite } from 'uvu';
import { setField } from './field.ts';
import { addPluginScenarios, type PluginContext } from './plugin-scenarios.ts';

const test = suite<PluginContext>('kubectl barnabas on Kubernetes', {} as PluginContext);
test.before(async (context) => {
  context.field = await setField({ overlay: 'minikube' });
});
test.after(({ field }) => field.clear());
addPluginScenarios(test);
test.run();
