/** `--dry-run` of a claim: what the volume shows without a lock being taken. */
import { describeCluster, orderCandidates, unusedIds } from '../domain/candidates.ts';
import type { Decision } from '../domain/decisions.ts';
import { lockCouldProve } from '../domain/evidence.ts';
import { inspect, knowCluster } from '../domain/protocol/inspect.ts';
import { survey, type IdView } from '../domain/protocol/survey.ts';
import type { Step } from '../domain/protocol/effects.ts';
import { describeHolder } from '../domain/record.ts';
import { exitStatus } from '../errors.ts';
import type { World } from '../ports.ts';
import { runProtocol } from '../runner.ts';
import { volumeErrors } from './claim-errors.ts';
import { explain } from './claim.ts';
import type { Prepared } from './prepare.ts';

export async function planDryRun(
  prepared: Prepared,
  { json }: { readonly json: boolean },
  world: World,
): Promise<number> {
  const { opened } = prepared;
  const decisions = await volumeErrors(opened.volume.root, () =>
    runProtocol(foresee(prepared), { ...opened, ...world }, { signal: world.signal }),
  );
  if (json) world.output.json({ dryRun: true, decisions });
  else {
    await explain(decisions, world);
    world.output.print('nothing was changed; whether a holder is alive is known only when its id lock is taken');
  }
  return exitStatus.done;
}

function* foresee({ settings, plan, machine, opened, cluster }: Prepared): Step<Decision[]> {
  const self = { podUid: settings.podUid, node: settings.nodeName, bootId: machine.bootId };
  const seen = yield* survey();
  const known = knowCluster(seen, settings.clusterId ?? plan.clusterId);
  const { existing, beyondCap } = orderCandidates(seen, cluster, self.podUid);
  const decisions: Decision[] = [];
  for (const view of existing) {
    const inspection = yield* inspect(view, known);
    const why = inspection.fit ? foreseeHolder(view, { self, storage: opened.storage }) : inspection.why;
    decisions.push({ id: view.id, logDir: view.logDirs[0] ?? null, verdict: inspection.fit ? 'free' : 'refused', why });
  }
  for (const view of beyondCap) {
    const why = `the cluster's ids are ${describeCluster(cluster)}`;
    decisions.push({ id: view.id, logDir: view.logDirs[0] ?? null, verdict: 'beyond-cap', why });
  }
  const unused = unusedIds(seen, cluster).next();
  if (!unused.done)
    decisions.push({ id: unused.value.id, logDir: null, verdict: 'free', why: 'unused: the next new id' });
  return decisions;
}

function foreseeHolder(
  { top }: IdView,
  witnesses: Pick<Parameters<typeof lockCouldProve>[0], 'self' | 'storage'>,
): string {
  if (top.kind === 'none') return 'no claim on record: would be adopted';
  if (top.ended) return 'its last claim has ended';
  if (top.kind === 'unreadable') return `its record can't be believed: ${top.why}`;
  const holder = `held by ${describeHolder(top.record)}`;
  return lockCouldProve({ record: top.record, ...witnesses })
    ? `${holder}; free if its id lock is`
    : `${holder}; only other evidence could end it`;
}
