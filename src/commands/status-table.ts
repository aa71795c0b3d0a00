/** A status as text: a line for each broker id; only columns of what was seen. */
import { ageOf } from '../domain/fleet/age.ts';
import { restartsOf } from '../domain/fleet/fleet.ts';
import type { Line, Report } from '../domain/status/report.ts';
import { addressOf, describeLogDir, describeSources, holderOf } from '../domain/status/words.ts';
import type { Output } from '../ports-output.ts';

interface Column {
  readonly head: string;
  /** Of which one must have been seen. */
  readonly of: readonly ('volume' | 'kubernetes' | 'kafka')[];
  readonly wide?: true;
  readonly cell: (line: Line, now: string) => string | number | null | undefined;
}

const ofClaims = ['volume', 'kubernetes'] as const;

const columns: readonly Column[] = [
  { head: 'LOG DIR', of: ofClaims, cell: describeLogDir },
  { head: 'HOLDER', of: ofClaims, cell: (line) => holderOf(line).pod },
  { head: 'NODE', of: ofClaims, cell: (line) => holderOf(line).node },
  { head: 'GENERATION', of: ofClaims, cell: (line) => holderOf(line).generation },
  { head: 'SINCE', of: ofClaims, cell: (line, now) => ageOf(holderOf(line).since, now) },
  { head: 'MODE', of: ['volume'], wide: true, cell: ({ claim }) => claim?.holder?.mode },
  {
    head: 'PHASE',
    of: ['kubernetes'],
    wide: true,
    cell: ({ pod }) => pod && `${pod.phase}${pod.ready ? ', ready' : ''}`,
  },
  { head: 'RESTARTS', of: ['kubernetes'], wide: true, cell: ({ pod }) => pod && restartsOf(pod) },
  { head: 'CLAIMED', of: ['kubernetes'], wide: true, cell: ({ pod }) => pod?.claim?.evidence },
  { head: 'LOCK', of: ['volume'], cell: ({ claim }) => claim?.lock },
  { head: 'BROKER', of: ['kafka'], cell: ({ broker }) => broker && addressOf(broker) },
  { head: 'KAFKA', of: ['kafka'], cell: ({ broker }) => broker?.answer?.release },
  { head: 'STATE', of: ['kafka'], cell: ({ broker }) => broker?.state },
  {
    head: 'ROLE',
    of: ['kafka'],
    wide: true,
    cell: ({ broker }) => (broker?.isController === true ? 'controller' : null),
  },
  { head: 'RACK', of: ['kafka'], wide: true, cell: ({ broker }) => broker?.view?.rack },
  { head: 'DIRECTORY ID', of: ['volume'], wide: true, cell: ({ claim }) => claim?.directoryId },
  { head: 'LEADS', of: ['kafka'], cell: ({ broker }) => broker && `${broker.counts.leads}/${broker.counts.preferred}` },
  {
    head: 'IN SYNC',
    of: ['kafka'],
    cell: ({ broker }) => broker && `${broker.counts.inSync}/${broker.counts.replicas}`,
  },
];

export async function statusText(report: Report, width: 'narrow' | 'wide', output: Output): Promise<string> {
  const { sight, lines, faults } = report;
  const shown = columns.filter(
    ({ of, wide }) => (wide !== true || width === 'wide') && of.some((source) => sight[source].kind === 'seen'),
  );
  const rows = lines.map(async (line) => [
    await idCell(line, output),
    ...shown.map(({ cell }) => String(cell(line, sight.now) ?? '-')),
    await output.paint(line.verdict.mark, line.verdict.words),
  ]);
  const head = ['ID', ...shown.map((column) => column.head), 'VERDICT'];
  const table =
    lines.length === 0 ? 'no log dir and no claim yet' : await output.tableText(head, await Promise.all(rows));
  const sources = describeSources(report).map((text) => output.paint('faint', text));
  return [table, ...(await Promise.all([...sources, ...faults.map((fault) => output.paint('bad', fault))]))].join('\n');
}

const idCell = async ({ id }: Line, output: Output): Promise<string> =>
  id === null ? '-' : await output.paint({ broker: id }, String(id));
