import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { describeStory, parseStory, tellStory } from '../../src/domain/claim-story.ts';
import { eventsOfWait } from '../../src/domain/pod-event.ts';
import type { Decision } from '../../src/domain/decisions.ts';

const test = suite('the story of a claim');
const claim = {
  brokerId: 2,
  generation: 3,
  evidence: 'kubelet',
  logDir: 'kafka-logs-2',
  waitedMs: 12_345.6,
  node: 'n',
};
const held = (id: number): Decision => ({ id, logDir: null, verdict: 'held', why: 'held by pod "ä"' });
const stopping = (id: number, holder: string): Decision => ({
  ...{ id, logDir: null, verdict: 'stopping', holder },
  why: `held by pod "${holder}", which is shutting down`,
});

test('it survives the way over an annotation, and says what was decided', () => {
  const story = tellStory({ ...claim, decisions: [held(0), held(1)] });
  assert.equal(parseStory(JSON.stringify(story)), story);
  assert.is(
    describeStory(story),
    'claimed broker id 2, generation 3, with its data (kubelet) after 12 s: ids 0, 1 held by pod "ä"',
  );
});

test('it is small, however much was decided, and breaks no character', () => {
  const decisions = Array.from({ length: 1000 }, (_, id) => ({ ...held(id), why: `ä${'€'.repeat(id % 7)}` }));
  const text = JSON.stringify(tellStory({ ...claim, decisions }));
  assert.ok(Buffer.byteLength(text) < 4000, String(Buffer.byteLength(text)));
  assert.match(text, / …"}$/);
  assert.not.match(text, /\uFFFD/);
});

for (const text of [undefined, '', '{', 'null', '7', '{}', '{"brokerId":"2"}']) {
  test(`no story: ${String(text)}`, () => assert.is(parseStory(text), undefined));
}

test('each holder that is waited for is told once', () => {
  const told = new Set<string>();
  const notes = (decisions: readonly Decision[]) => eventsOfWait(decisions, told).map(({ note }) => note);
  assert.equal(notes([held(0), stopping(1, 'a')]), ['Broker id 1 is held by pod "a", which is shutting down']);
  assert.equal(notes([{ ...stopping(1, 'a'), why: 'held by pod "a": it is being deleted' }]), []);
  assert.equal(notes([stopping(1, 'b'), stopping(2, 'a')]).length, 2);
});

test.run();
