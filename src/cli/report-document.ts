import { stringify } from 'yaml';
import type { CliContext } from './context.ts';
import { parseChoiceFlag } from './flags.ts';

/** `text` is for people; the others print one document for programs. */
export type OutputFormat = 'text' | 'json' | 'yaml';

export const OUTPUT_HELP = 'text, json or yaml';

/** What other tools call the output for people. */
const ALIASES: Readonly<Record<string, OutputFormat>> = { table: 'text', human: 'text' };

/** The value of `-o`; `extra` are formats of one verb alone. */
export function parseOutputFlag<Extra extends string = never>(
  value: unknown,
  extra: readonly Extra[] = [],
): OutputFormat | Extra {
  const word = String(value);
  const name = Object.hasOwn(ALIASES, word) ? ALIASES[word] : word;
  return parseChoiceFlag('--output', name, ['text', ...extra, 'json', 'yaml'] as (OutputFormat | Extra)[]);
}

export interface ReportContent {
  /** `StatusReport`, `GenerateReport`: what the document is. */
  readonly kind: string;
  /** What was asked or reported on: `local`, `files`, `localhost:4317`. */
  readonly target: string;
  readonly summary: unknown;
  readonly items: readonly unknown[];
}

/** The envelope of every document of the command line. Field names never change within v1; additions only. */
export function reportDocument(content: ReportContent, context: CliContext): unknown {
  const { kind, target, summary, items } = content;
  return {
    apiVersion: 'cli.sluice.io/v1',
    kind,
    metadata: { generatedAt: new Date(context.clock.nowMs()).toISOString(), cliVersion: context.version, target },
    summary,
    items,
  };
}

export function formatDocument(document: unknown, format: 'json' | 'yaml'): string {
  return format === 'json' ? `${JSON.stringify(document, null, 2)}\n` : stringify(document);
}
