/** Runs pieces of the protocol on a real directory, with faults put into single calls and a clock that does not wait. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutsideEvidence } from '../../src/domain/evidence.ts';
import type { Storage } from '../../src/domain/mounts.ts';
import type { ClaimRequest, ClaimResult } from '../../src/domain/protocol/claim.ts';
import { claim } from '../../src/domain/protocol/claim.ts';
import type { Step } from '../../src/domain/protocol/effects.ts';
import type { ProtocolEvent } from '../../src/domain/protocol/events.ts';
import type { Volume } from '../../src/ports.ts';
import { runProtocol } from '../../src/runner.ts';
import { openVolume } from '../../src/volume/file-volume.ts';

export const onMachine: Storage = { type: 'ext4', coherence: 'machine', why: 'ext4 on one machine' };
export const onServer: Storage = { type: 'nfs4', coherence: 'shared', why: 'nfs4, locks kept by the server' };
export const onNothing: Storage = { type: 'nfs', coherence: 'untrusted', why: 'nfs mounted with nolock' };

export interface Lab {
  readonly root: string;
  readonly volume: Volume;
  /** What was told. */
  readonly events: ProtocolEvent[];
  run<T>(step: Step<T>, faults?: Faults): Promise<T>;
  claim(change?: Partial<ClaimRequest>, faults?: Faults): Promise<ClaimResult>;
  /** Closes what a claim holds, as the death of its process does. */
  die(result: ClaimResult): void;
  remove(): void;
}

export interface Faults {
  /** Calls that go another way; they may use the real ones. */
  readonly calls?: (real: Volume) => Partial<Volume>;
  readonly evidence?: OutsideEvidence;
  /** Instead of waiting. */
  readonly onPause?: () => void;
}

export function openLab(): Lab {
  const root = mkdtempSync(join(tmpdir(), 'lab-'));
  const real = openVolume(root);
  const events: ProtocolEvent[] = [];
  let [uuids, nowMs] = [0, 0];
  const run = <T>(step: Step<T>, { calls, evidence, onPause }: Faults = {}): Promise<T> => {
    const pause = (ms: number): Promise<void> => {
      nowMs += ms;
      onPause?.();
      return Promise.resolve();
    };
    const ports = {
      volume: { ...real, ...calls?.(real) },
      clock: { nowMs: () => nowMs, wallTime: () => '2026-01-01T00:00:00.000Z', pause },
      randomness: { uuid: () => `nonce-${(uuids += 1)}`, fraction: () => 0.5 },
      evidence: { ask: () => Promise.resolve(evidence ?? ({ kind: 'unknown', why: 'nobody was asked' } as const)) },
      queue: { enter: () => Promise.resolve(), leave: () => Promise.resolve() },
    };
    const options = { signal: new AbortController().signal, tell: (event: ProtocolEvent) => void events.push(event) };
    return runProtocol(step, ports, options);
  };
  return {
    root,
    volume: real,
    events,
    run,
    claim: (change, faults) => run(claim({ ...requestOf('a'), ...change }), faults),
    die(result) {
      if (result.kind === 'claimed') real.closeLock(result.claimed.handle);
    },
    remove: () => rmSync(root, { recursive: true }),
  };
}

/** A wrapper in a pod of this name, on this machine, in a cluster of three. */
export function requestOf(name: string): ClaimRequest {
  return {
    self: { podUid: `uid-${name}`, node: 'node-a', bootId: 'boot' },
    pod: { name, namespace: '', uid: `uid-${name}` },
    mode: 'wrapper',
    start: 1,
    storage: onMachine,
    cluster: { firstId: 0, brokers: 3 },
    clusterId: undefined,
    volumeUuid: undefined,
    waitMs: 1000,
    pollMs: 400,
    settleMs: 15_000,
  };
}
