import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatServer, parseZooKeeperAddress } from '../../src/domain/zookeeper-address.ts';

const test = suite("ZooKeeper's address");

for (const [text, servers, chroot] of [
  ['zk', ['zk:2181'], ''],
  ['zk:2182', ['zk:2182'], ''],
  ['zk-1:2181, zk-2:2181,zk-3', ['zk-1:2181', 'zk-2:2181', 'zk-3:2181'], ''],
  ['zk:2181/kafka/a.b', ['zk:2181'], '/kafka/a.b'],
  ['zk:2181/', ['zk:2181'], ''],
  ['[fd00::7]:2181,10.0.0.7', ['[fd00::7]:2181', '10.0.0.7:2181'], ''],
] as const) {
  test(text, () => {
    const address = parseZooKeeperAddress(text);
    if ('problem' in address) throw new Error(address.problem);
    assert.equal(address.servers.map(formatServer), servers);
    assert.is(address.chroot, chroot);
  });
}

for (const [text, why] of [
  ['', 'it names no server'],
  ['/kafka', 'it names no server'],
  [',', 'it names no server'],
  ['zk:0', '"zk:0" is not HOST:PORT'],
  ['zk:65536', '"zk:65536" is not HOST:PORT'],
  ['zk:2181:2182', '"zk:2181:2182" is not HOST:PORT'],
  ['fd00::7', '"fd00::7" is not HOST:PORT'],
  ['zk 1:2181', '"zk 1:2181" is not HOST:PORT'],
  ['zk:2181/kafka/', 'the chroot "/kafka/" is not a path'],
  ['zk:2181//kafka', 'the chroot "//kafka" is not a path'],
  ['zk:2181/../kafka', 'the chroot "/../kafka" is not a path'],
] as const) {
  test(`${JSON.stringify(text)} is none`, () => {
    const address = parseZooKeeperAddress(text);
    assert.ok('problem' in address && address.problem.includes(why), JSON.stringify(address));
  });
}

test.run();
