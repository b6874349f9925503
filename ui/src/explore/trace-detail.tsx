import type { TraceDocument } from '../../../src/server/api.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { Link } from '../components/link.tsx';
import { ErrorNotice, Loading } from '../components/notice.tsx';
import { duration, isoDay, timeOfDay } from '../shell/format.ts';
import { hrefWith, route } from '../shell/route.ts';
import { usePolled } from '../shell/use-polled.ts';
import { SpanDetail } from './span-detail.tsx';
import { Waterfall } from './waterfall.tsx';

/** A trace may be large, and rarely grows once it is looked at. */
const SLOW_MS = 4000;

/** One trace: its waterfall, and the fields of the chosen span. */
export function TraceDetail({ traceId }: { readonly traceId: string }) {
  const { data, error } = usePolled<TraceDocument>(`/api/v1/explore/traces/${traceId}`, SLOW_MS);
  const spanId = route.value.query.get('span');
  const back = (
    <Link
      class="button button-small back"
      href={hrefWith({ span: '' }, '/explore/traces')}
      data-up={spanId === null ? '' : undefined}
    >
      ← Traces
    </Link>
  );
  if (error !== undefined) {
    return (
      <>
        {back}
        <ErrorNotice error={error} />
      </>
    );
  }
  if (data === undefined) return <Loading />;
  const [head] = data.spans;
  const span = data.spans.find((candidate) => candidate.spanId === spanId);
  return (
    <div class={span === undefined ? 'trace' : 'trace trace-with-span'}>
      <div class="trace-main">
        <div class="trace-head">
          {back}
          <h2>{head.name || '(no name)'}</h2>
          <p class="muted">
            {head.service || '(no service)'} · {data.spans.length} {data.spans.length === 1 ? 'span' : 'spans'} ·{' '}
            {duration(data.durationSeconds)} ·{' '}
            <time dateTime={data.startTime} title={data.startTime}>
              {isoDay(data.startTime)} {timeOfDay(data.startTime)}
            </time>
          </p>
          <p class="trace-actions">
            <code class="trace-id">{traceId}</code>
            <CopyButton text={traceId} label="Copy id" />
            <CopyButton text={() => JSON.stringify(data, null, 2)} label="Copy JSON" />
            <Link class="button button-small" href={`/explore/logs?traceId=${traceId}`}>
              Logs of this trace
            </Link>
          </p>
        </div>
        <Waterfall trace={data} selected={spanId} />
      </div>
      {span !== undefined && <SpanDetail span={span} />}
    </div>
  );
}
