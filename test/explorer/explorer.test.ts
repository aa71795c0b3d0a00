/** Every interleaving of the scenarios, and that nothing in them breaks what docs/guarantees.md promises. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explore, type Violation } from './explore.ts';
import { scenarios, setOut } from './scenarios.ts';

const test = suite('the explorer');
const total = { states: 0, steps: 0, rescued: 0 };

const tell = ({ why, schedule }: Violation): string => [`${why}; the shortest way there:`, ...schedule].join('\n    ');

for (const scenario of scenarios) {
  test(scenario.name, () => {
    const { states, steps, rescued, violation } = explore(setOut(scenario));
    total.states += states;
    total.steps += steps;
    total.rescued += rescued;
    assert.is(violation, undefined, violation && tell(violation));
    // A scenario in which next to nothing happens would prove nothing.
    assert.ok(states > 50, `only ${states} states`);
  });
}

test.after(() => {
  const count = (value: number): string => value.toLocaleString('en');
  process.stdout.write(
    `  ${count(total.states)} states, ${count(total.steps)} steps, ${count(total.rescued)} volumes from which every id was had\n`,
  );
});

test.run();
