/** What is asked of the cluster and its brokers. */
import { describeCluster } from '../../../src/kafka/protocol/describe-cluster.ts';
import { describeLogDirs } from '../../../src/kafka/protocol/describe-log-dirs.ts';
import { describeQuorum } from '../../../src/kafka/protocol/describe-quorum.ts';
import { metadata } from '../../../src/kafka/protocol/metadata.ts';
import { unregisterBroker } from '../../../src/kafka/protocol/unregister-broker.ts';
import { messages, type Messages } from './message.ts';

const uuid = 'AAECAwQFBgcICQoLDA0ODw';
const noUuid = 'AAAAAAAAAAAAAAAAAAAAAA';
const long = 'a-topic-name-of-more-than-127-letters-'.repeat(4);

export const clusterMessages: readonly Messages[] = [
  messages(metadata, {
    requests: [
      { json: metadataRequest(null), ours: { topics: null } },
      { json: metadataRequest([]), ours: { topics: [] } },
      { json: metadataRequest(['foo', long]), ours: { topics: ['foo', long] } },
    ],
    answers: [
      {
        json: {
          throttleTimeMs: 7,
          brokers: [
            { nodeId: 1001, host: 'a.b', port: 9092, rack: 'r' },
            { nodeId: 2, host: '::1', port: 65535, rack: null },
          ],
          ...{ clusterId: 'MkU3OEVBNTcwNTJENDM2Qg', controllerId: 2 },
          topics: [
            {
              ...{ errorCode: 0, name: 'foo', topicId: uuid, isInternal: true, topicAuthorizedOperations: -2147483648 },
              partitions: [
                metadataPartition({ partitionIndex: 0, leaderId: 1001, isrNodes: [1001] }),
                metadataPartition({ errorCode: 5, partitionIndex: 300, leaderId: -1, isrNodes: [] }),
              ],
            },
            {
              ...{
                errorCode: 29,
                name: long,
                topicId: noUuid,
                isInternal: false,
                topicAuthorizedOperations: -2147483648,
              },
              partitions: [],
            },
          ],
          ...{ clusterAuthorizedOperations: -2147483648, errorCode: 129 },
        },
        ours: (version) => ({
          error: version >= 13 ? 129 : 0,
          brokers: [
            { id: 1001, host: 'a.b', port: 9092, rack: 'r' },
            { id: 2, host: '::1', port: 65535, rack: null },
          ],
          clusterId: version >= 2 ? 'MkU3OEVBNTcwNTJENDM2Qg' : null,
          controllerId: 2,
          topics: [
            {
              ...{ error: 0, name: 'foo', topicId: version >= 10 ? uuid : null },
              partitions: [
                { error: 0, partition: 0, leader: 1001, replicas: [1001, 2], isr: [1001] },
                { error: 5, partition: 300, leader: -1, replicas: [1001, 2], isr: [] },
              ],
            },
            { error: 29, name: long, topicId: null, partitions: [] },
          ],
        }),
      },
    ],
  }),
  messages(describeCluster, {
    requests: [
      {
        json: { includeClusterAuthorizedOperations: false, endpointType: 1, includeFencedBrokers: true },
        ours: null,
      },
    ],
    answers: [
      {
        json: {
          ...{ throttleTimeMs: 0, errorCode: 0, errorMessage: null, endpointType: 1, clusterId: 'id', controllerId: 3 },
          brokers: [
            { brokerId: 1, host: 'a', port: 9092, rack: null, isFenced: false },
            { brokerId: 2, host: 'b', port: 9092, rack: 'r', isFenced: true },
          ],
          clusterAuthorizedOperations: -2147483648,
        },
        ours: (version) => ({
          ...{ error: 0, message: null, clusterId: 'id' },
          brokers: [
            { id: 1, host: 'a', port: 9092, rack: null, fenced: false },
            { id: 2, host: 'b', port: 9092, rack: 'r', fenced: version >= 2 },
          ],
        }),
      },
    ],
  }),
  messages(describeQuorum, {
    requests: [
      { json: { topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }] }, ours: null },
    ],
    answers: [
      {
        json: (version) => ({
          ...{ errorCode: 0, errorMessage: null },
          topics: [
            {
              topicName: '__cluster_metadata',
              partitions: [
                {
                  ...{ partitionIndex: 0, errorCode: 0, errorMessage: 'fine', leaderId: 1, leaderEpoch: 9 },
                  ...{
                    highWatermark: 100,
                    currentVoters: [replicaState(1, noUuid)],
                    observers: [replicaState(2, version >= 2 ? uuid : noUuid)],
                  },
                },
              ],
            },
          ],
          ...(version >= 2 && { nodes: [{ nodeId: 1, listeners: [{ name: 'CONTROLLER', host: 'a', port: 65535 }] }] }),
        }),
        ours: (version) => {
          const [error, message] = [0, version >= 2 ? 'fine' : null];
          const times = { logEndOffset: 1e10, lastFetchMs: version >= 1 ? 1.7e12 : -1 };
          const voters = [{ id: 1, directoryId: null, ...times }];
          const observers = [{ id: 2, directoryId: version >= 2 ? uuid : null, ...times }];
          const quorum = { error, message, leader: 1, voters, observers };
          return { error, message, quorum };
        },
      },
    ],
  }),
  messages(unregisterBroker, {
    requests: [{ json: { brokerId: 1004 }, ours: 1004 }],
    answers: [
      {
        json: { throttleTimeMs: 0, errorCode: 102, errorMessage: 'not registered' },
        ours: () => ({ error: 102, message: 'not registered' }),
      },
    ],
  }),
  messages(describeLogDirs, {
    requests: [{ json: { topics: null }, ours: null }],
    answers: [
      {
        json: {
          ...{ throttleTimeMs: 0, errorCode: 31 },
          results: [
            {
              ...{ errorCode: 0, logDir: '/data', totalBytes: 1e13, usableBytes: -1, isCordoned: true },
              topics: [
                {
                  name: 'foo',
                  partitions: [
                    { partitionIndex: 0, partitionSize: 5_000_000_000, offsetLag: 3, isFutureKey: false },
                    { partitionIndex: 1, partitionSize: 0, offsetLag: -1, isFutureKey: true },
                  ],
                },
              ],
            },
            { errorCode: 56, logDir: '/bad', totalBytes: -1, usableBytes: -1, isCordoned: false, topics: [] },
          ],
        },
        ours: (version) => ({
          error: version >= 3 ? 31 : 0,
          logDirs: [
            {
              ...{ error: 0, path: '/data', totalBytes: version >= 4 ? 1e13 : null, usableBytes: null },
              replicas: [
                { topic: 'foo', partition: 0, bytes: 5_000_000_000, isFuture: false },
                { topic: 'foo', partition: 1, bytes: 0, isFuture: true },
              ],
            },
            { error: 56, path: '/bad', totalBytes: null, usableBytes: null, replicas: [] },
          ],
        }),
      },
    ],
  }),
];

function metadataRequest(names: readonly string[] | null): (version: number) => object {
  return (version) => ({
    topics: names?.map((name) => ({ name, topicId: noUuid })) ?? null,
    allowAutoTopicCreation: version < 4,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
}

function metadataPartition(differences: Readonly<Record<string, unknown>>): unknown {
  return { errorCode: 0, leaderEpoch: 4, replicaNodes: [1001, 2], offlineReplicas: [2], ...differences };
}

function replicaState(replicaId: number, replicaDirectoryId: string): unknown {
  const times = { lastFetchTimestamp: 1.7e12, lastCaughtUpTimestamp: 1.7e12 };
  return { replicaId, replicaDirectoryId, logEndOffset: 1e10, ...times };
}
