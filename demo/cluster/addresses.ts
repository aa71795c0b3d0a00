/**
 * A private loopback network for one cluster: each pod has an address of its own, as in Kubernetes, so that all brokers
 * use one port and nothing clashes with what else runs on the machine. Linux answers on all of 127.0.0.0/8.
 */
import { randomInt } from 'node:crypto';

export interface Addresses {
  readonly zookeeper: string;
  /** The address of the next pod: never that of an earlier one. */
  next(): string;
}

export function privateAddresses(): Addresses {
  const network = `127.${String(randomInt(1, 255))}.${String(randomInt(0, 255))}`;
  let last = 10;
  return {
    zookeeper: `${network}.2`,
    next() {
      last += 1;
      return `${network}.${String(last)}`;
    },
  };
}
