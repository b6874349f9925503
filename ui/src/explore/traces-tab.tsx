import { useState } from 'preact/hooks';
import type { TraceListDocument, TraceSummary } from '../../../src/server/api.ts';
import { Link } from '../components/link.tsx';
import { Notice } from '../components/notice.tsx';
import { duration, isoDay, timeOnDay } from '../shell/format.ts';
import { hrefWith } from '../shell/route.ts';
import { usePolled } from '../shell/use-polled.ts';
import { ListBody } from './list-body.tsx';
import { ListHead, listQuery } from './list-head.tsx';
import { TraceDetail } from './trace-detail.tsx';

const PAGE = 100;
const MAX = 1000;

export function TracesTab({ traceId }: { readonly traceId: string | undefined }) {
  const [limit, setLimit] = useState(PAGE);
  const polled = usePolled<TraceListDocument>(`/api/v1/explore/traces${listQuery({ limit: String(limit) })}`);
  return (
    <div class={`panes ${traceId === undefined ? 'panes-list' : 'panes-detail'}`}>
      <section class="pane pane-list" aria-label="Trace list">
        <ListHead
          filterLabel="Filter traces"
          placeholder="Filter by name, attribute or id"
          services={polled.data?.services ?? []}
        />
        <ListBody
          polled={polled}
          noun={{ one: 'trace', many: 'traces', kept: 'spans' }}
          onMore={limit < MAX ? () => setLimit(MAX) : undefined}
        >
          {(data) => <TraceList traces={data.items} selected={traceId} />}
        </ListBody>
      </section>
      <section class="pane pane-detail" aria-label="Trace">
        {traceId === undefined ? (
          <Notice title="Select a trace">
            <p class="muted">
              <kbd>j</kbd> <kbd>k</kbd> move in the list, <kbd>Enter</kbd> opens.
            </p>
          </Notice>
        ) : (
          <TraceDetail traceId={traceId} />
        )}
      </section>
    </div>
  );
}

function TraceList({
  traces,
  selected,
}: {
  readonly traces: readonly TraceSummary[];
  readonly selected: string | undefined;
}) {
  const today = isoDay(new Date().toISOString());
  const longest = traces.reduce((max, trace) => Math.max(max, trace.durationSeconds), 0);
  return (
    <ol class="items" data-list>
      {traces.map((trace) => (
        <li key={trace.traceId}>
          <Link
            class="item trace-item"
            data-item
            href={hrefWith({ span: '' }, `/explore/traces/${trace.traceId}`)}
            aria-current={trace.traceId === selected ? 'true' : undefined}
          >
            <span class="item-title">{trace.name || '(no name)'}</span>
            <span class="item-number">{duration(trace.durationSeconds)}</span>
            <span class="item-sub">
              {trace.service || '(no service)'} · {trace.spanCount} {trace.spanCount === 1 ? 'span' : 'spans'}
              {trace.errorCount > 0 && (
                <span class="alarming">
                  {' '}
                  · ✗ {trace.errorCount}
                  <span class="visually-hidden"> {trace.errorCount === 1 ? 'error' : 'errors'}</span>
                </span>
              )}
            </span>
            <time
              class="item-time"
              dateTime={trace.startTime}
              title={`${isoDay(trace.startTime)} · ${trace.startTime}`}
            >
              {timeOnDay(trace.startTime, today)}
            </time>
            <span class="item-bar" aria-hidden="true">
              <span style={{ width: `${longest === 0 ? 0 : Math.max(1, (trace.durationSeconds * 100) / longest)}%` }} />
            </span>
          </Link>
        </li>
      ))}
    </ol>
  );
}
