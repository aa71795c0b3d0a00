import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  describeRegistration,
  differenceFromNote,
  matchesNote,
  parseRegistrationContent,
  planClearance,
  toNote,
} from '../../src/domain/registration.ts';
import type { ClearanceFacts, Registration } from '../../src/domain/registration.ts';

const dead: Registration = {
  sessionId: '0x1000a2b3c4d0001',
  czxid: '0x2a',
  version: 0,
  content: '{"endpoints":["PLAINTEXT://10.0.0.7:9092"],"host":"10.0.0.7","port":9092,"version":5}',
  contentHash: 'aa',
};
const certain: ClearanceFacts = { seen: dead, note: toNote(dead), deathCertain: true, fastFailover: true };

test('the noted registration of a broker certainly dead is removed', () => {
  assert.equal(planClearance(certain), { action: 'remove', expected: toNote(dead) });
});

test('nothing registered needs nothing, whatever else is known', () => {
  for (const deathCertain of [true, false]) {
    for (const fastFailover of [true, false]) {
      for (const note of [undefined, toNote(dead)]) {
        assert.equal(planClearance({ seen: undefined, note, deathCertain, fastFailover }), { action: 'none' });
      }
    }
  }
});

const waits: readonly (readonly [string, Partial<ClearanceFacts>, string])[] = [
  ['fast failover is off', { fastFailover: false }, 'fast failover is off'],
  ['the death is uncertain', { deathCertain: false }, 'it is not certain that its broker is dead'],
  ['there is no note', { note: undefined }, "nothing was noted of the dead broker's registration"],
  [
    'another session owns it, with the same content and version',
    { seen: { ...dead, sessionId: '0x1000a2b3c4d0002' } },
    "it belongs to session 0x1000a2b3c4d0002, and the dead broker's was 0x1000a2b3c4d0001",
  ],
  [
    'it was created anew in the same session',
    { seen: { ...dead, czxid: '0x2b' } },
    'it was created anew in the same session since it was noted',
  ],
  ['its version changed', { seen: { ...dead, version: 1 } }, 'it was changed since it was noted'],
  ['its content changed', { seen: { ...dead, contentHash: 'bb' } }, 'its content is not the noted one'],
  [
    'it belongs to no session, as noted',
    { seen: { ...dead, sessionId: '0x0' }, note: { ...toNote(dead), sessionId: '0x0' } },
    'it belongs to no session, so no broker of today wrote it',
  ],
];
for (const [name, facts, why] of waits) {
  test(`it is waited for where ${name}`, () => {
    assert.equal(planClearance({ ...certain, ...facts }), { action: 'wait', why });
  });
}

test('a registration is removed under exactly one combination of facts', () => {
  const others = [
    { ...dead, sessionId: '0x1' },
    { ...dead, czxid: '0x1' },
    { ...dead, version: 7 },
    { ...dead, contentHash: '' },
  ];
  let removals = 0;
  for (const seen of [undefined, dead, ...others]) {
    for (const note of [undefined, toNote(dead)]) {
      for (const deathCertain of [true, false]) {
        for (const fastFailover of [true, false]) {
          if (planClearance({ seen, note, deathCertain, fastFailover }).action === 'remove') removals += 1;
        }
      }
    }
  }
  assert.is(removals, 1);
});

test('a registration matches its own note, and no field of the note may differ', () => {
  assert.ok(matchesNote(dead, toNote(dead)));
  assert.is(differenceFromNote(dead, toNote(dead)), '');
  assert.not.ok(matchesNote(dead, { ...toNote(dead), sessionId: '0x2' }));
  assert.not.ok(matchesNote(dead, { ...toNote(dead), czxid: '0x2' }));
  assert.not.ok(matchesNote(dead, { ...toNote(dead), version: 2 }));
  assert.not.ok(matchesNote(dead, { ...toNote(dead), contentHash: 'cc' }));
});

test('a note holds no content', () => {
  assert.equal(Object.keys(toNote(dead)).sort(), ['contentHash', 'czxid', 'sessionId', 'version']);
});

test('the JSON of every broker version is read', () => {
  const v1 = '{"jmx_port":-1,"timestamp":"1233345666","host":"host1","version":1,"port":9092}';
  assert.equal(parseRegistrationContent(v1), {
    endpoints: [],
    host: 'host1',
    port: 9092,
    timestampMs: 1233345666,
  });
  const v2 =
    '{"jmx_port":9999,"timestamp":"2233345666","endpoints":["PLAINTEXT://host1:9092","SSL://host1:9093"],"host":"host1",' +
    '"version":2,"port":9092}';
  assert.equal(parseRegistrationContent(v2)?.endpoints, ['PLAINTEXT://host1:9092', 'SSL://host1:9093']);
  const v5 =
    '{"features":{},"listener_security_protocol_map":{"SASL_SSL":"SASL_SSL"},"endpoints":["SASL_SSL://h:9093"],' +
    '"jmx_port":-1,"port":-1,"host":null,"version":5,"timestamp":"1700000000000"}';
  assert.equal(parseRegistrationContent(v5), {
    endpoints: ['SASL_SSL://h:9093'],
    host: undefined,
    port: undefined,
    timestampMs: 1700000000000,
  });
});

test('what is no JSON object is no registration content', () => {
  for (const content of ['', 'kafka', '[]', 'null', '7', '{"host":']) {
    assert.is(parseRegistrationContent(content), undefined, content);
  }
});

test('a registration is described by what a person can look for', () => {
  const described = (content: string): string => describeRegistration({ ...dead, content });
  assert.is(described(dead.content), 'PLAINTEXT://10.0.0.7:9092, session 0x1000a2b3c4d0001');
  assert.is(described('{"host":"h","port":9092}'), 'h:9092, session 0x1000a2b3c4d0001');
  assert.is(described('{"host":"h","port":-1}'), 'h, session 0x1000a2b3c4d0001');
  assert.is(described('{"host":null,"port":-1}'), 'no endpoint, session 0x1000a2b3c4d0001');
  assert.is(described('\u0000'), 'unreadable content, session 0x1000a2b3c4d0001');
});

test.run();
