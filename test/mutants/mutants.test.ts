/** A test of the tests: each fault of the table, put into the real sources, is caught by what the table says. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runPatched, type Program } from './patched.ts';
import { mutants, type Mutant } from './table.ts';

const test = suite('mutants');
const deadlineMs = 60_000;

const exploring = `
  import { search } from './test/explorer/explore.ts';
  import { scenarios, setOut } from './test/explorer/scenarios.ts';
  const scenario = scenarios.find(({ name }) => name === process.argv[2]);
  if (!scenario) throw new Error('no scenario ' + process.argv[2]);
  const { violation, states } = search(setOut(scenario));
  console.log(violation ? violation.why : states + ' states, and all is well');
  process.exitCode = violation ? 1 : 0;
`;

const programOf = ({ caughtBy }: Mutant): Program =>
  'scenario' in caughtBy
    ? { source: exploring, words: [caughtBy.scenario] }
    : { source: `import './${caughtBy.tests}';` };

for (const mutant of mutants) {
  test(mutant.name, async () => {
    const { status, output } = await runPatched(programOf(mutant), mutant.patches, deadlineMs);
    assert.ok(mutant.says.test(output), `${String(mutant.says)} is not in: ${output.slice(0, 3000)}`);
    assert.is(status, 1, output);
  });
}

// The scenarios hold with the sources as they are: explorer.test.ts. The tests too, bundled in this way:
for (const tests of new Set(mutants.flatMap(({ caughtBy }) => ('tests' in caughtBy ? [caughtBy.tests] : [])))) {
  test(`without a mutant ${tests} passes`, async () => {
    const { status, output } = await runPatched({ source: `import './${tests}';` }, [], deadlineMs);
    assert.is(status, 0, output);
  });
}

test.run();
