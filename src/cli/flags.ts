import { parseByteSize, parseDuration } from '../lib/index.ts';
import { CliError } from './context.ts';
import { EXIT } from './exit-code.ts';

function invalid(flag: string, value: unknown, expected: string): CliError {
  return new CliError(EXIT.usage, 'SL0903', `${flag} takes ${expected}, got \`${String(value)}\``);
}

/** `10s`, `1m30s`, `500ms` → milliseconds; undefined when the flag was not given. */
export function parseDurationFlag(flag: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const ms = parseDuration(String(value));
  if (ms === undefined) throw invalid(flag, value, 'a duration such as 10s or 1m30s');
  return ms;
}

/** As for a gateway in a cluster (`spec.*.gateway.memory`): with less, no limit is left that data could stay below. */
const MIN_MEMORY_BYTES = 64 * 2 ** 20;

/** `512MB`, `1Gi` → bytes. */
export function parseMemoryFlag(flag: string, value: unknown): number {
  const bytes = parseByteSize(String(value));
  if (bytes === undefined) throw invalid(flag, value, 'a size such as 512MB or 1Gi');
  if (bytes < MIN_MEMORY_BYTES) throw invalid(flag, value, 'at least 64Mi');
  return bytes;
}

/** A TCP port; 0 lets the system choose. */
export function parsePortFlag(flag: string, value: unknown): number {
  const port = /^\d{1,5}$/.test(String(value)) ? Number(value) : Number.NaN;
  if (!(port <= 65535)) {
    throw invalid(flag, value, 'a port from 0 to 65535 (0: any free one)');
  }
  return port;
}

/** One of a list of words. */
export function parseChoiceFlag<T extends string>(flag: string, value: unknown, choices: readonly T[]): T {
  if (!choices.includes(value as T)) throw invalid(flag, value, choices.map((choice) => `\`${choice}\``).join(', '));
  return value as T;
}

/** Collects a repeatable option. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
