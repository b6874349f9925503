import { Fragment } from 'preact';
import type { PipelineStatus } from '../../../src/server/api.ts';
import { Mark, type MarkState } from '../components/mark.tsx';
import { Reason } from '../components/reason.tsx';
import { SignalBadge } from '../components/signal-badge.tsx';
import { Sparkline } from '../components/sparkline.tsx';
import { age, shortNumber, thousands } from '../shell/format.ts';
import { hrefWith, navigate, route } from '../shell/route.ts';
import { PipelineDetail } from './pipeline-detail.tsx';

const COLUMNS = ['Pipeline', 'Ready', 'In/s', 'Out/s', 'Lost 5 min', 'Queue', 'Newest', 'Backend', 'Trend'];

/** One row a pipeline; a row unfolds into its ledger and its backend. */
export function PipelineTable({ pipelines }: { readonly pipelines: readonly PipelineStatus[] }) {
  const open = route.value.query.get('pipeline');
  return (
    <table class="pipelines" aria-label="Pipelines">
      <thead>
        <tr>
          {COLUMNS.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody data-list>
        {pipelines.map((pipeline) => {
          const id = `${pipeline.kind}/${pipeline.name}`;
          return (
            <Fragment key={id}>
              <PipelineRow pipeline={pipeline} id={id} open={open === id} />
              {open === id && (
                <tr class="pipeline-detail-row">
                  <td colSpan={COLUMNS.length}>
                    <PipelineDetail pipeline={pipeline} />
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}

interface PipelineRowProps {
  readonly pipeline: PipelineStatus;
  readonly id: string;
  readonly open: boolean;
}

function PipelineRow({ pipeline, id, open }: PipelineRowProps) {
  const { kind, name, signal, queue, backend } = pipeline;
  const toggle = () => navigate(hrefWith({ pipeline: open ? '' : id }), { replace: true });
  return (
    <tr class="pipeline-row">
      <th scope="row">
        <button type="button" class="expander" data-item aria-expanded={open} onClick={toggle}>
          <span class="expander-arrow" aria-hidden="true">
            {open ? '▾' : '▸'}
          </span>
          <SignalBadge signal={signal} />
          <span>
            <span class="pipeline-name">{name}</span>
            <span class="pipeline-kind">{kind}</span>
          </span>
        </button>
      </th>
      <Cell name="Ready">
        <Reason status={pipeline} />
      </Cell>
      <Cell name="In/s" numeric>
        {shortNumber(pipeline.inPerSecond)}
      </Cell>
      <Cell name="Out/s" numeric>
        {shortNumber(pipeline.outPerSecond)}
      </Cell>
      <Cell name="Lost 5 min" numeric>
        <span class={pipeline.lostRecently > 0 ? 'alarming' : ''}>
          {pipeline.lostRecently > 0 && '✗ '}
          {shortNumber(pipeline.lostRecently)}
        </span>
      </Cell>
      <Cell name="Queue">
        <QueueBar queue={queue} />
      </Cell>
      <Cell name="Newest" numeric>
        {age(pipeline.newestAgeSeconds)}
      </Cell>
      <Cell name="Backend">
        <span class="backend" title={`${backend.destination}${backend.failure ? `: ${backend.failure.message}` : ''}`}>
          <Mark state={backendMark(backend.state)} /> {backend.failure?.code ?? backend.state}
          <span class="backend-destination">{backend.destination}</span>
        </span>
      </Cell>
      <Cell name="Trend">
        <Sparkline
          values={pipeline.trend}
          tone={signal}
          height={24}
          label={`in per second, now ${shortNumber(pipeline.inPerSecond)}`}
        />
      </Cell>
    </tr>
  );
}

function Cell({
  name,
  numeric = false,
  children,
}: {
  readonly name: string;
  readonly numeric?: boolean;
  readonly children: unknown;
}) {
  return (
    <td data-label={name} class={numeric ? 'numeric' : ''}>
      {children as never}
    </td>
  );
}

function QueueBar({ queue: { sizeBytes, capacityBytes } }: { readonly queue: PipelineStatus['queue'] }) {
  if (capacityBytes === 0) return <span class="muted">none</span>;
  const percent = Math.round((sizeBytes * 100) / capacityBytes);
  return (
    <span class="queue" title={`${thousands(sizeBytes)} of ${thousands(capacityBytes)} bytes`}>
      <span class={percent > 80 ? 'queue-bar queue-bar-high' : 'queue-bar'} aria-hidden="true">
        <span style={{ width: `${Math.min(100, percent)}%` }} />
      </span>
      <span class="numeric">{percent} %</span>
    </span>
  );
}

function backendMark(state: PipelineStatus['backend']['state']): MarkState {
  return ({ ok: 'ok', failing: 'failing', unknown: 'waiting' } as const)[state];
}
