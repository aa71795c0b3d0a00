/** The admin on older brokers: those that know its requests, and those that are told through ZooKeeper. */
import { adminContract } from './support/admin-contract.ts';
import { oldContract } from './support/old-contract.ts';

adminContract({ version: '2.8.2', mode: 'zookeeper' });
oldContract('0.10.1.1');
