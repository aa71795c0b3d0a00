/** `barnabas release ID`: ends a dead holder's claim by hand, on evidence or on a person's word. */
import { resolve } from 'node:path';
import type { releaseSettings } from '../command-settings.ts';
import { parseBrokerId } from '../domain/ids.ts';
import { releaseByHand, type HandReleased } from '../domain/protocol/release.ts';
import { BarnabasError, exitStatus } from '../errors.ts';
import type { Given, World } from '../ports.ts';
import { runProtocol } from '../runner.ts';
import type { Settings } from '../settings.ts';
import { volumeErrors } from './claim-errors.ts';
import { invalidSettings, missingVolume } from './prepare.ts';

export interface ReleaseOrder {
  readonly settings: Settings<(typeof releaseSettings)[number]>;
  /** The broker id, as given. */
  readonly id: string;
}

export async function releaseCommand({ settings, id }: ReleaseOrder, { world, problems }: Given): Promise<number> {
  const brokerId = parseBrokerId(id);
  const all = [...problems, ...missingVolume(settings.volume, problems)];
  if (brokerId === undefined) all.push(`"${id}" is no broker id`);
  if (settings.force && settings.reason === undefined) {
    all.push('--force needs --reason TEXT: how do you know that the holder is dead?');
  }
  if (!settings.force && settings.reason !== undefined) all.push('--reason goes with --force only');
  if (all.length > 0 || settings.volume === undefined || brokerId === undefined) throw invalidSettings(all);

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
  return report(result, { brokerId, settings, world });
}

interface Report {
  readonly brokerId: number;
  readonly settings: { readonly dryRun: boolean; readonly json: boolean };
  readonly world: World;
}

function report(result: HandReleased, context: Report): number {
  const { brokerId, settings } = context;
  const cannot = `cannot release broker id ${brokerId}`;
  switch (result.kind) {
    case 'no-claim': {
      const hint = '`barnabas status` lists the claims';
      throw new BarnabasError('usage', `${cannot}: nobody has claimed it on this volume; ${hint}`);
    }
    case 'alive':
      throw new BarnabasError('holder-alive', `${cannot}: ${result.why}; stop that broker first`);
    case 'unproven': {
      const hint = 'if you know that it is dead, say how: --force --reason TEXT';
      throw new BarnabasError(
        'no-evidence',
        `${cannot}: there is no evidence against its holder: ${result.why}; ${hint}`,
      );
    }
    case 'already-ended':
      return print({ generation: result.generation, changed: false }, 'had ended already', context);
    case 'ended': {
      const { generation, evidence, detail } = result;
      const verb = settings.dryRun ? 'would end' : 'has ended';
      return print(
        { generation, changed: !settings.dryRun, evidence, detail },
        `${verb}: ${evidence}: ${detail}`,
        context,
      );
    }
  }
}

interface Facts {
  readonly generation: number;
  readonly changed: boolean;
  readonly evidence?: string;
  readonly detail?: string;
}

function print(facts: Facts, text: string, { brokerId, settings, world }: Report): number {
  if (settings.json) world.output.json({ brokerId, ...facts });
  else world.output.print(`the claim of broker id ${brokerId}, generation ${facts.generation}, ${text}`);
  return exitStatus.done;
}
