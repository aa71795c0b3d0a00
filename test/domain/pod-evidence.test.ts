import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { judgePod, type PodView } from '../../src/domain/pod-evidence.ts';

const test = suite('evidence of a pod');
const record = { pod: { name: 'kafka-a', namespace: 'default', uid: 'uid-a' } };
const running: PodView = { uid: 'uid-a', phase: 'Running', deleting: false, terminated: [false] };

const table: readonly (readonly [string, PodView | undefined, string])[] = [
  ['not found', undefined, 'absent'],
  ['another UID of the same name', { ...running, uid: 'uid-b', deleting: true, terminated: [true] }, 'absent'],
  ['it runs', running, 'unknown'],
  ['Failed, said by a controller', { ...running, phase: 'Failed' }, 'unknown'],
  ['Failed, and nothing known of its containers', { ...running, phase: 'Failed', terminated: [] }, 'unknown'],
  ['a container that will start again', { ...running, terminated: [true] }, 'unknown'],
  ['being deleted', { ...running, deleting: true }, 'stopping'],
  ['being deleted, one container left', { ...running, deleting: true, terminated: [true, false] }, 'stopping'],
  ['being deleted, all ended', { ...running, deleting: true, terminated: [true, true] }, 'dead'],
  ['Failed, all ended', { ...running, phase: 'Failed', terminated: [true] }, 'dead'],
  ['Succeeded, all ended', { ...running, phase: 'Succeeded', terminated: [true] }, 'dead'],
];
for (const [name, view, kind] of table) {
  test(`${name}: ${kind}`, () => assert.is(judgePod(record, view).kind, kind));
}

test.run();
