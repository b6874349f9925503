import { ITEM_NOUN, SIGNALS, type Signal } from '../../pdata/index.ts';
import type { Problem } from '../api.ts';
import { SIGNAL_OF_KIND } from './pipeline-ref.ts';
import type { PipelineView } from './pipeline-status.ts';
import { count } from './words.ts';

/** Signals that senders deliver and no pipeline takes. */
export function unclaimedSignals(
  views: readonly PipelineView[],
  offered: Readonly<Record<Signal, number>>,
): readonly Signal[] {
  const claimed = new Set(views.map(({ ref }) => ref.signal));
  return SIGNALS.filter((signal) => offered[signal] > 0 && !claimed.has(signal));
}

export function kindOfSignal(signal: Signal): string {
  return Object.entries(SIGNAL_OF_KIND).find(([, own]) => own === signal)?.[0] ?? '';
}

export function unclaimedProblems(
  signals: readonly Signal[],
  offered: Readonly<Record<Signal, number>>,
  program: string,
): readonly Problem[] {
  return signals.map((signal) => ({
    severity: 'warning',
    code: 'SL0621',
    title: `no pipeline takes ${signal}`,
    detail: `${count(offered[signal], ITEM_NOUN[signal].people)} arrived, no ${kindOfSignal(signal)} runs. Explore shows them for a while; they go nowhere else.`,
    commands: firstPipelineCommands(signal, program),
  }));
}

/** The verb calls a signal by one of its items. */
export function firstPipelineCommands(signal: Signal, program: string): readonly string[] {
  return [`${program} init ${signal.replace(/s$/, '')}`, `${program} explain SL0621`];
}
