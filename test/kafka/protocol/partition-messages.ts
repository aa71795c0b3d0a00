/** What is asked of partitions and of configs. */
import { alterPartitionReassignments } from '../../../src/kafka/protocol/alter-partition-reassignments.ts';
import { describeConfigs } from '../../../src/kafka/protocol/describe-configs.ts';
import { electLeaders } from '../../../src/kafka/protocol/elect-leaders.ts';
import { incrementalAlterConfigs } from '../../../src/kafka/protocol/incremental-alter-configs.ts';
import { listPartitionReassignments } from '../../../src/kafka/protocol/list-partition-reassignments.ts';
import { messages, type Messages } from './message.ts';

export const partitionMessages: readonly Messages[] = [
  messages(electLeaders, {
    requests: [
      {
        json: {
          ...{ electionType: 0, timeoutMs: 60000 },
          topicPartitions: [
            { topic: 'foo', partitions: [0, 5] },
            { topic: 'b', partitions: [1] },
          ],
        },
        ours: {
          ...{ type: 'preferred', timeoutMs: 60000 },
          partitions: [
            { topic: 'foo', partition: 0 },
            { topic: 'b', partition: 1 },
            { topic: 'foo', partition: 5 },
          ],
        },
      },
    ],
    answers: [
      {
        json: (version) => ({
          ...{ throttleTimeMs: 0, errorCode: version >= 1 ? 31 : 0 },
          replicaElectionResults: [
            {
              topic: 'foo',
              partitionResult: [
                { partitionId: 0, errorCode: 0, errorMessage: null },
                { partitionId: 5, errorCode: 80, errorMessage: 'not there' },
              ],
            },
            { topic: 'b', partitionResult: [] },
          ],
        }),
        ours: (version) => ({
          error: version >= 1 ? 31 : 0,
          results: [
            { topic: 'foo', partition: 0, error: 0, message: null },
            { topic: 'foo', partition: 5, error: 80, message: 'not there' },
          ],
        }),
      },
    ],
  }),
  messages(alterPartitionReassignments, {
    requests: [
      {
        json: {
          ...{ timeoutMs: 30000, allowReplicationFactorChange: false },
          topics: [
            {
              name: 'foo',
              partitions: [
                { partitionIndex: 0, replicas: [1004, 1001] },
                { partitionIndex: 1, replicas: null },
              ],
            },
          ],
        },
        ours: {
          timeoutMs: 30000,
          moves: [
            { topic: 'foo', partition: 0, replicas: [1004, 1001] },
            { topic: 'foo', partition: 1, replicas: null },
          ],
        },
      },
    ],
    answers: [
      {
        json: {
          ...{ throttleTimeMs: 0, allowReplicationFactorChange: false, errorCode: 0, errorMessage: null },
          responses: [
            {
              name: 'foo',
              partitions: [
                { partitionIndex: 0, errorCode: 39, errorMessage: 'no such broker' },
                { partitionIndex: 1, errorCode: 0, errorMessage: null },
              ],
            },
          ],
        },
        ours: () => ({
          ...{ error: 0, message: null },
          results: [
            { topic: 'foo', partition: 0, error: 39, message: 'no such broker' },
            { topic: 'foo', partition: 1, error: 0, message: null },
          ],
        }),
      },
    ],
  }),
  messages(listPartitionReassignments, {
    requests: [{ json: { timeoutMs: 30000, topics: null }, ours: { timeoutMs: 30000 } }],
    answers: [
      {
        json: {
          ...{ throttleTimeMs: 0, errorCode: 41, errorMessage: 'another' },
          topics: [
            {
              name: 'foo',
              partitions: [
                {
                  ...{ partitionIndex: 0, replicas: [1004, 1001, 1003] },
                  ...{ addingReplicas: [1004], removingReplicas: [1003] },
                },
              ],
            },
          ],
        },
        ours: () => ({
          ...{ error: 41, message: 'another' },
          reassignments: [
            { topic: 'foo', partition: 0, replicas: [1004, 1001, 1003], adding: [1004], removing: [1003] },
          ],
        }),
      },
    ],
  }),
  messages(describeConfigs, {
    requests: [
      {
        json: {
          ...{ includeSynonyms: false, includeDocumentation: false },
          resources: [
            { resourceType: 2, resourceName: 'foo', configurationKeys: ['a', 'b.c'] },
            { resourceType: 4, resourceName: '1001', configurationKeys: ['a', 'b.c'] },
          ],
        },
        ours: { resources: [{ topic: 'foo' }, { broker: 1001 }], keys: ['a', 'b.c'] },
      },
    ],
    answers: [
      {
        json: (version) => ({
          throttleTimeMs: 0,
          results: [
            {
              ...{ errorCode: 0, errorMessage: null, resourceType: 2, resourceName: 'foo' },
              configs: [
                configEntry(version, { name: 'a', value: '1', isDefault: false, configSource: 1 }),
                configEntry(version, { name: 'b.c', value: null, isDefault: true, configSource: 5, isSensitive: true }),
              ],
            },
            {
              ...{ errorCode: 40, errorMessage: 'bad', resourceType: 4, resourceName: '1001', configs: [] },
            },
          ],
        }),
        ours: () => [
          {
            ...{ error: 0, message: null, type: 2, name: 'foo' },
            entries: [
              { key: 'a', value: '1', own: true },
              { key: 'b.c', value: null, own: false },
            ],
          },
          { error: 40, message: 'bad', type: 4, name: '1001', entries: [] },
        ],
      },
    ],
  }),
  messages(incrementalAlterConfigs, {
    requests: [
      {
        json: {
          validateOnly: false,
          resources: [
            {
              ...{ resourceType: 2, resourceName: 'foo' },
              configs: [
                { name: 'a', configOperation: 0, value: '1' },
                { name: 'b', configOperation: 1, value: null },
              ],
            },
            {
              ...{ resourceType: 4, resourceName: '1001' },
              configs: [
                { name: 'c', configOperation: 2, value: '0:1' },
                { name: 'd', configOperation: 3, value: '0:2' },
              ],
            },
          ],
        },
        ours: [
          { resource: { topic: 'foo' }, key: 'a', operation: 'set', value: '1' },
          { resource: { broker: 1001 }, key: 'c', operation: 'append', value: '0:1' },
          { resource: { topic: 'foo' }, key: 'b', operation: 'delete' },
          { resource: { broker: 1001 }, key: 'd', operation: 'subtract', value: '0:2' },
        ],
      },
    ],
    answers: [
      {
        json: {
          throttleTimeMs: 0,
          responses: [
            { errorCode: 0, errorMessage: null, resourceType: 2, resourceName: 'foo' },
            { errorCode: 40, errorMessage: 'bad', resourceType: 4, resourceName: '1001' },
          ],
        },
        ours: () => [
          { error: 0, message: null, type: 2, name: 'foo' },
          { error: 40, message: 'bad', type: 4, name: '1001' },
        ],
      },
    ],
  }),
];

/** A source took the place of the mark of a default. */
function configEntry(version: number, entry: Readonly<Record<string, unknown>>): unknown {
  const { isDefault, configSource, ...named } = entry;
  const origin = version >= 1 ? { configSource, synonyms: [{ name: 'log.a', value: null, source: 5 }] } : { isDefault };
  return { readOnly: false, isSensitive: false, configType: 2, documentation: 'text', ...origin, ...named };
}
