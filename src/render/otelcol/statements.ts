import { type ComponentConfig, componentId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { RenderedComponent } from './config-parts.ts';

/** In the keys of the processors `transform` and `filter`. */
export const SIGNAL_WORD: Readonly<Record<Signal, string>> = { traces: 'trace', metrics: 'metric', logs: 'log' };

/** A text as OTTL reads it, which unquotes as Go does: nothing in it ends it. */
export function ottlText(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

export function resourceAttribute(key: string): string {
  return `resource.attributes[${ottlText(key)}]`;
}

/** A processor that does the same to several signals, so that one serves a whole process. */
export function transformOf(
  name: string,
  signals: readonly Signal[],
  groups: readonly ComponentConfig[],
): RenderedComponent {
  const statements = signals.map((signal) => [`${SIGNAL_WORD[signal]}_statements`, groups] as const);
  return {
    id: componentId('transform', name),
    settings: { error_mode: 'ignore', ...Object.fromEntries(statements) },
  };
}
