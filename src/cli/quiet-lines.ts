import { ITEM_NOUN } from '../pdata/index.ts';
import type { PipelineStatus } from '../server/index.ts';
import { shortNumber } from './table.ts';

/** What is no problem, and worth a look. */
export function quietLines(pipelines: readonly PipelineStatus[]): readonly string[] {
  return [...recoveredLine(pipelines), ...silentLine(pipelines), ...idleLine(pipelines)];
}

/** Else more would be delivered than was received. */
function recoveredLine(pipelines: readonly PipelineStatus[]): readonly string[] {
  const found = pipelines
    .filter(({ ledger }) => ledger.recovered > 0)
    .map(
      ({ kind, name, signal, ledger }) =>
        `${kind.toLowerCase()}/${name} ${shortNumber(ledger.recovered)} ${ITEM_NOUN[signal].people}`,
    );
  return found.length === 0 ? [] : [`found on disk at the start: ${found.join(', ')}`];
}

/** Said where others have data: then silence is worth a look. */
function silentLine(pipelines: readonly PipelineStatus[]): readonly string[] {
  const silent = pipelines.filter(({ reason }) => reason === 'NoDataYet');
  if (silent.length === 0 || silent.length === pipelines.length) return [];
  return [`no data yet: ${silent.map(({ kind, name }) => `${kind.toLowerCase()}/${name}`).join(', ')}`];
}

/** So much data says something about a condition that none of it met. */
const MUCH_DATA = 100_000;
const SHOWN_IDLE = 3;

/** A filter that drops nothing is often one with a mistake; whether it is, only its author knows. */
function idleLine(pipelines: readonly PipelineStatus[]): readonly string[] {
  const idle = pipelines.flatMap(({ kind, name, rules }) =>
    (rules?.items ?? [])
      .filter(
        ({ field, asked, matched, failed }) =>
          /^spec\.filter/.test(field) && asked >= MUCH_DATA && matched + failed === 0,
      )
      .map(({ field, asked, source }) => {
        const place = source === undefined ? '' : ` (${source.file}:${source.line})`;
        return `${kind.toLowerCase()}/${name} ${field.replace(/^spec\./, '')}${place}, asked ${shortNumber(asked)} times`;
      }),
  );
  if (idle.length === 0) return [];
  const more = idle.length > SHOWN_IDLE ? ` and ${idle.length - SHOWN_IDLE} more` : '';
  return [`never matched so far: ${idle.slice(0, SHOWN_IDLE).join('; ')}${more}`];
}
