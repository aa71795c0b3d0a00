/** Whether clients are told a broker's name, by what Kubernetes said to the label and to the Service. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeKnown, type MakeKnown } from '../../src/commands/in-kubernetes.ts';
import type { Kubernetes, Told } from '../../src/ports-cluster.ts';

const test = suite('making a broker known');
const refused: Told = { why: 'forbidden' };
const silent: Told = { why: 'no answer', silent: true };

interface Row {
  readonly labelled: Told;
  readonly served: Told;
  readonly evidence: 'own' | 'released';
  readonly named: boolean;
}

const rows: readonly Row[] = [
  { labelled: 'done', served: 'done', evidence: 'released', named: true },
  { labelled: refused, served: 'done', evidence: 'own', named: false },
  { labelled: 'done', served: refused, evidence: 'own', named: false },
  { labelled: silent, served: silent, evidence: 'own', named: true },
  { labelled: 'done', served: silent, evidence: 'released', named: false },
  { labelled: silent, served: 'done', evidence: 'released', named: false },
];

for (const { labelled, served, evidence, named } of rows) {
  const words = [labelled, served].map((told) => (told === 'done' ? told : told.why)).join(', ');
  test(`${words}; evidence ${evidence}: ${named ? 'its name' : 'its address'}`, async () => {
    const warnings: string[] = [];
    const kubernetes = {
      labelPod: () => Promise.resolve(labelled),
      ensureService: () => Promise.resolve(served),
    } as unknown as Kubernetes;
    const step = {
      kubernetes,
      service: 'kafka',
      story: { brokerId: 1, generation: 2, evidence },
      pin: { uuid: 'a', missing: false },
      log: { warn: (message: string) => warnings.push(message) },
    } as unknown as MakeKnown;
    assert.is(await makeKnown(step), named);
    assert.is(warnings.length, [labelled, served].filter((told) => told !== 'done').length);
  });
}

test.run();
