/** The sidecar's metrics, in Prometheus' text format. */
import { Gauge, Registry } from 'prom-client';
import type { SidecarState } from '../ports.ts';

export const contentType = Registry.PROMETHEUS_CONTENT_TYPE;

/** Made anew at each scrape, from what is so now. */
export async function metricsOf({ claim, permits, lost }: SidecarState): Promise<string> {
  const registry = new Registry();
  const gauge = (name: string, help: string, value: number): void =>
    new Gauge({ name, help, registers: [registry] }).set(value);
  gauge('barnabas_id_held', 'Whether this pod holds a broker id', claim && lost === undefined ? 1 : 0);
  gauge('barnabas_permits', 'Starts of the broker allowed since this agent started', permits);
  if (!claim) return await registry.metrics();
  gauge('barnabas_claim_wait_seconds', 'How long the claim waited for its id', claim.waitedMs / 1000);
  new Gauge({
    name: 'barnabas_claim_info',
    help: 'The claim of this pod: always 1',
    labelNames: ['broker_id', 'generation', 'evidence'],
    registers: [registry],
  }).set({ broker_id: claim.brokerId, generation: claim.generation, evidence: claim.evidence }, 1);
  return await registry.metrics();
}
