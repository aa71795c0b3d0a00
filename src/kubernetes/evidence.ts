/** What Kubernetes knows of a holder: its pod, and the Kubernetes node that it was on. */
import type { OutsideEvidence } from '../domain/evidence.ts';
import { judgeNode, judgePod, type Learnt, type NodeView, type PodView } from '../domain/pod-evidence.ts';
import type { ClaimRecord } from '../domain/record.ts';
import type { EvidenceSource } from '../ports.ts';
import { learn, type KubernetesApi } from './api.ts';
import { viewOfNode, viewOfPod } from './views.ts';

export function kubernetesEvidence(api: () => Promise<KubernetesApi>, namespace: string): EvidenceSource {
  return { ask: async (record) => await ask(await api(), record, namespace) };
}

async function ask(api: KubernetesApi, record: ClaimRecord, fallback: string): Promise<OutsideEvidence> {
  const namespace = record.pod.namespace === '' ? fallback : record.pod.namespace;
  const pod: Learnt<PodView> = await learn(async () =>
    viewOfPod(await api.core.readNamespacedPod({ name: record.pod.name, namespace })),
  );
  if (pod.kind === 'unknown') return { kind: 'unknown', why: pod.why };
  const said = judgePod(record, pod.kind === 'found' ? pod.value : undefined);
  // A pod that runs, or that has ended, is its kubelet's to speak of, whatever is said of the Kubernetes node.
  if (said.kind === 'dead' || said.kind === 'unknown') return said;
  return judgeNode(record, await readNode(api, record.node)) ?? said;
}

async function readNode(api: KubernetesApi, name: string | null): Promise<Learnt<NodeView>> {
  if (name === null) return { kind: 'unknown', why: 'the claim names no Kubernetes node' };
  return await learn(async () => viewOfNode(await api.core.readNode({ name })));
}
