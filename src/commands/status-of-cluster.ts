/** `status` without a volume: the brokers' pods as Kubernetes shows them. */
import { ageOf } from '../domain/fleet/age.ts';
import { inOrder, restartsOf, type FleetPod } from '../domain/fleet/fleet.ts';
import { faultsOf, judgePod, type Scene, type Verdict } from '../domain/fleet/verdict.ts';
import { exitStatus } from '../errors.ts';
import type { World } from '../ports.ts';
import type { ClusterTarget } from '../ports-cluster.ts';
import { lookAtCluster } from './look-at-cluster.ts';

export interface StatusRow {
  readonly brokerId: number | null;
  readonly pod: string;
  readonly node: string | null;
  readonly phase: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly generation: number | null;
  /** On what evidence the id was claimed. */
  readonly evidence: string | null;
  readonly createdAt: string | null;
  readonly mark: Verdict['mark'];
  readonly verdict: string;
}

/** Exit status 1 unless every replica that is wanted has an id and is ready. */
export async function statusOfCluster(
  settings: ClusterTarget & { readonly json: boolean },
  world: World,
): Promise<number> {
  const { scene } = await lookAtCluster(settings, world);
  const { namespace } = scene.fleet;
  const rows = inOrder(scene.fleet.pods).map((pod) => rowOf(pod, scene));
  const faults = faultsOf(scene);
  if (settings.json) world.output.json({ namespace, healthy: faults.length === 0, faults, pods: rows });
  else await print({ rows, faults, scene }, world);
  return faults.length === 0 ? exitStatus.done : exitStatus.failed;
}

function rowOf(pod: FleetPod, scene: Scene): StatusRow {
  const { mark, words } = judgePod(pod, scene);
  const { brokerId, name, node, phase, ready, generation, claim, createdAt } = pod;
  return {
    ...{ brokerId, pod: name, node, phase, ready, restarts: restartsOf(pod), generation },
    ...{ evidence: claim?.evidence ?? null, createdAt, mark, verdict: words },
  };
}

interface Columns {
  readonly head: string;
  readonly cell: (row: StatusRow, now: string) => string | number | null;
}

const columns: readonly Columns[] = [
  { head: 'ID', cell: ({ brokerId }) => brokerId },
  { head: 'POD', cell: ({ pod }) => pod },
  { head: 'NODE', cell: ({ node }) => node },
  { head: 'PHASE', cell: ({ phase, ready }) => (ready ? `${phase}, ready` : phase) },
  { head: 'RESTARTS', cell: ({ restarts }) => restarts },
  { head: 'GENERATION', cell: ({ generation }) => generation },
  { head: 'CLAIMED', cell: ({ evidence }) => evidence },
  { head: 'AGE', cell: ({ createdAt }, now) => ageOf(createdAt, now) },
];

interface Report {
  readonly rows: readonly StatusRow[];
  readonly faults: readonly string[];
  readonly scene: Scene;
}

async function print({ rows, faults, scene }: Report, { output }: World): Promise<void> {
  const cells = rows.map(async (row) => [
    ...columns.map(({ cell }) => String(cell(row, scene.now) ?? '-')),
    await output.paint(row.mark, row.verdict),
  ]);
  await output.table([...columns.map(({ head }) => head), 'VERDICT'], await Promise.all(cells));
  for (const fault of faults) output.print(await output.paint('bad', fault));
}
