import type { PipelineStatus } from '../../../src/server/api.ts';
import { ReasonExplained } from '../components/reason.tsx';
import { thousands, timeOfDay } from '../shell/format.ts';

type Ledger = PipelineStatus['ledger'];

/** The message, the backend, and the ledger as the sum that it is. */
export function PipelineDetail({ pipeline }: { readonly pipeline: PipelineStatus }) {
  const { reason, message, backend, ledger, lostRecently } = pipeline;
  return (
    <div class="pipeline-detail">
      <p>{message}</p>
      {backend.destination !== '' && (
        <p class="muted">
          Backend <code>{backend.destination}</code>: {backend.state}
          {backend.state !== 'unknown' && ` since ${timeOfDay(backend.since, false)}`}
          {backend.failure !== undefined &&
            ` (${backend.failure.code}: ${backend.failure.message}; ${thousands(backend.failedTries)} failed tries)`}
          {backend.failure === undefined &&
            lostRecently > 0 &&
            backend.rejection !== undefined &&
            ` (last rejected data, ${backend.rejection.code}: ${backend.rejection.message})`}
        </p>
      )}
      <ReasonExplained key={reason} reason={reason} />
      <LedgerTable ledger={ledger} />
    </div>
  );
}

function LedgerTable({ ledger }: { readonly ledger: Ledger }) {
  const inflow: readonly [string, number][] = [
    ['received', ledger.received],
    ['recovered', ledger.recovered],
    ['created', ledger.created],
  ];
  const outflow: readonly [string, number][] = [
    ['delivered', ledger.delivered],
    ['filtered', ledger.filtered],
    ['merged', ledger.merged],
    ...Object.entries(ledger.dropped).map(([cause, count]): [string, number] => [
      `dropped: ${cause.replaceAll('_', ' ')}`,
      count,
    ]),
    ['refused', ledger.refused],
    ['queued', ledger.queued],
    ['unknown, a process was killed', ledger.unknown],
  ];
  const balanced = ledger.unaccounted === 0;
  return (
    <div class="ledger">
      <LedgerSide title="In" rows={inflow} always="received" />
      <LedgerSide title="Out" rows={outflow} always="delivered" />
      <p class={balanced ? 'ledger-balance' : 'ledger-balance alarming'}>
        <span class={`mark ${balanced ? 'mark-ok' : 'mark-failing'}`} aria-hidden="true">
          {balanced ? '✔' : '✗'}
        </span>{' '}
        {balanced ? 'balanced' : 'out of balance'}: {thousands(ledger.unaccounted)} unaccounted
      </p>
    </div>
  );
}

interface LedgerSideProps {
  readonly title: string;
  readonly rows: readonly (readonly [string, number])[];
  /** Shown even when it is 0; the others then say nothing. */
  readonly always: string;
}

function LedgerSide({ title, rows, always }: LedgerSideProps) {
  const shown = rows.filter(([name, count]) => count !== 0 || name === always);
  return (
    <table class="ledger-side" aria-label={`Ledger, ${title.toLowerCase()}`}>
      <caption>{title}</caption>
      <tbody>
        {shown.map(([name, count]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="numeric">{thousands(count)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">sum</th>
          <td class="numeric">{thousands(rows.reduce((total, [, count]) => total + count, 0))}</td>
        </tr>
      </tfoot>
    </table>
  );
}
