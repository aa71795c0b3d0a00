/** `barnabas release ID`: ends a dead holder's claim by hand, on evidence or on a person's word. */
import { resolve } from 'node:path';
import type { releaseSettings } from '../command-settings.ts';
import { releaseByHand, type HandReleased } from '../domain/protocol/release.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { World } from '../ports.ts';
import { runProtocol } from '../runner.ts';
import type { Settings } from '../settings.ts';
import { volumeErrors } from './claim-errors.ts';
import { invalidSettings } from './obtain.ts';

export interface ReleaseOrder {
  readonly settings: Settings<(typeof releaseSettings)[number]>;
  readonly brokerId: number;
}

export async function releaseCommand({ settings, brokerId }: ReleaseOrder, world: World): Promise<number> {
  const problems: string[] = [];
  if (settings.volume === undefined) problems.push('--volume DIR is missing: where are the log dirs?');
  if (settings.force && settings.reason === undefined)
    problems.push('--force needs --reason TEXT: how do you know that the holder is dead?');
  if (!settings.force && settings.reason !== undefined) problems.push('--reason goes with --force only');
  if (problems.length > 0 || settings.volume === undefined) throw invalidSettings(problems);

  const machine = world.machine();
  const opened = await world.openVolume(resolve(settings.volume));
  const by = {
    name: settings.podName ?? machine.hostname,
    namespace: settings.podNamespace ?? '',
    uid: settings.podUid ?? world.randomness.uuid(),
  };
  const self = { podUid: undefined, node: settings.nodeName, bootId: machine.bootId };
  const assertion = settings.force ? settings.reason : undefined;
  const order = { brokerId, by, self, storage: opened.storage, assertion, dryRun: settings.dryRun };
  const result = await volumeErrors(opened.volume.root, () =>
    runProtocol(releaseByHand(order), { ...opened, ...world }, { signal: world.signal }),
  );
  return report(result, { settings, brokerId }, world);
}

function report(result: HandReleased, { settings, brokerId }: ReleaseOrder, world: World): number {
  const cannot = `cannot release broker id ${brokerId}`;
  switch (result.kind) {
    case 'no-claim':
      throw new BarnabasError(
        'usage',
        `${cannot}: nobody has claimed it on this volume; \`barnabas status\` lists the claims`,
      );
    case 'alive':
      throw new BarnabasError('holder-alive', `${cannot}: ${result.why}; stop that broker first`);
    case 'unproven':
      throw new BarnabasError(
        'no-evidence',
        `${cannot}: there is no evidence that its holder is dead: ${result.why}. If you know that it is, say how: --force --reason TEXT`,
      );
    case 'already-ended':
      print({ brokerId, generation: result.generation, ended: true, changed: false }, 'had ended already', {
        settings,
        world,
      });
      return exitStatus.done;
    case 'ended': {
      const { generation, evidence, detail } = result;
      const verb = settings.dryRun ? 'would end' : 'has ended';
      const facts = { brokerId, generation, ended: !settings.dryRun, changed: !settings.dryRun, evidence, detail };
      print(facts, `${verb}: ${evidence}: ${detail}`, { settings, world });
      return exitStatus.done;
    }
  }
}

interface Facts {
  readonly brokerId: number;
  readonly generation: number;
  readonly [name: string]: unknown;
}

function print(
  facts: Facts,
  text: string,
  { settings, world }: { readonly settings: { readonly json: boolean }; readonly world: World },
): void {
  if (settings.json) world.output.json(facts);
  else world.output.print(`the claim of broker id ${facts.brokerId}, generation ${facts.generation}, ${text}`);
}
