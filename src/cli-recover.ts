/** The steps of `recover`: their words, their settings, and what runs them. */
import {
  recoverAbortSettings,
  recoverApplySettings,
  recoverPlanSettings,
  recoverResumeSettings,
  recoverStatusSettings,
} from './command-settings.ts';
import type { Given } from './ports.ts';
import type { SettingName, Settings } from './settings.ts';

interface Step<Name extends SettingName> {
  readonly names: readonly Name[];
  readonly run: (settings: Settings<Name>, given: Given) => Promise<number>;
}

export type AddStep = <Name extends SettingName>(word: string, describe: string, step: Step<Name>) => void;

export function addRecoverySteps(add: AddStep): void {
  add('plan', 'what would be moved, set apart, and how long it takes; changes nothing', {
    names: recoverPlanSettings,
    run: async (settings, given) => (await import('./commands/recover-plan.ts')).recoverPlanCommand(settings, given),
  });
  add('apply', 'carry a plan out: in batches, throttled, then elect and verify', {
    names: recoverApplySettings,
    run: async (settings, given) => (await import('./commands/recover-apply.ts')).recoverApplyCommand(settings, given),
  });
  add('resume', 'go on with an apply that was cut off, from wherever it is', {
    names: recoverResumeSettings,
    run: async (settings, given) => (await import('./commands/recover-apply.ts')).recoverResumeCommand(settings, given),
  });
  add('abort', 'go back to how things were, in the exact order, where that is safe', {
    names: recoverAbortSettings,
    run: async (settings, given) => (await import('./commands/recover-abort.ts')).recoverAbortCommand(settings, given),
  });
  add('status', 'how far it is', {
    names: recoverStatusSettings,
    run: async (settings, given) =>
      (await import('./commands/recover-status.ts')).recoverStatusCommand(settings, given),
  });
}
