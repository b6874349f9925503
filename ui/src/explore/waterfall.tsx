import { useState } from 'preact/hooks';
import type { SpanDocument, TraceDocument } from '../../../src/server/api.ts';
import { Link } from '../components/link.tsx';
import { duration } from '../shell/format.ts';
import { hrefWith } from '../shell/route.ts';

/** Spans beyond this are shown on demand; a trace may have thousands. */
const PAGE = 300;
const SERVICE_COLOURS = 8;
const MAX_INDENT = 12;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

interface WaterfallProps {
  readonly trace: TraceDocument;
  readonly selected: string | null;
}

/** Spans over time, parents before children. Bars carry the colour of their service, whose name stands in the row. */
export function Waterfall({ trace, selected }: WaterfallProps) {
  const [limit, setLimit] = useState(PAGE);
  const services = [...new Set(trace.spans.map((span) => span.service))];
  const shown = trace.spans.slice(0, limit);
  return (
    <div class="waterfall">
      <div class="waterfall-axis" aria-hidden="true">
        {TICKS.map((share) => (
          <span key={share} style={{ left: `${share * 100}%` }}>
            {duration(trace.durationSeconds * share)}
          </span>
        ))}
      </div>
      <ol class="spans" data-list aria-label="Spans, parents before children">
        {shown.map((span, index) => (
          <li key={`${span.spanId} ${index}`}>
            <SpanRow
              span={span}
              total={trace.durationSeconds}
              colour={services.indexOf(span.service) % SERVICE_COLOURS}
              selected={span.spanId === selected}
            />
          </li>
        ))}
      </ol>
      {trace.spans.length > limit && (
        <button type="button" class="button more" onClick={() => setLimit(limit + 1000)}>
          Show more of {trace.spans.length} spans
        </button>
      )}
    </div>
  );
}

interface SpanRowProps {
  readonly span: SpanDocument;
  readonly total: number;
  readonly colour: number;
  readonly selected: boolean;
}

function SpanRow({ span, total, colour, selected }: SpanRowProps) {
  const share = (seconds: number) => (total === 0 ? 0 : Math.min(100, Math.max(0, (seconds * 100) / total)));
  const left = share(span.offsetSeconds);
  const width = total === 0 ? 100 : Math.max(0.3, Math.min(100 - left, share(span.durationSeconds)));
  const isError = span.status === 'ERROR';
  return (
    <Link
      class="span-row"
      data-item
      replace
      href={hrefWith({ span: span.spanId })}
      aria-current={selected ? 'true' : undefined}
    >
      <span class="span-label" style={{ paddingInlineStart: `${Math.min(span.depth, MAX_INDENT) * 14}px` }}>
        {span.depth > 0 && (
          <span class="span-branch" aria-hidden="true">
            └
          </span>
        )}
        <span class={`service-dot service-${colour}`} aria-hidden="true" />
        <span class="span-name">{span.name || '(no name)'}</span>
        <span class="span-service">{span.service}</span>
      </span>
      <span class="span-track">
        <span
          class={`span-bar service-${colour} ${isError ? 'span-bar-error' : ''}`}
          style={{ left: `${left}%`, width: `${width}%` }}
          aria-hidden="true"
        />
      </span>
      <span class="span-time">
        {isError && (
          <span class="alarming">
            ✗<span class="visually-hidden"> error </span>{' '}
          </span>
        )}
        {duration(span.durationSeconds)}
      </span>
    </Link>
  );
}
