/** The admin on real brokers of today: with ZooKeeper, and without. */
import { adminContract } from './support/admin-contract.ts';

adminContract({ version: '3.9.2', mode: 'zookeeper' });
adminContract({ version: '4.3.1', mode: 'kraft' });
