import { useState } from 'preact/hooks';
import type { LogDocument, LogListDocument } from '../../../src/server/api.ts';
import { Attributes } from '../components/attributes.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { Link } from '../components/link.tsx';
import { isoDay, timeOnDay } from '../shell/format.ts';
import { hrefWith, navigate, route } from '../shell/route.ts';
import { usePolled } from '../shell/use-polled.ts';
import { ListBody } from './list-body.tsx';
import { ListHead, listQuery } from './list-head.tsx';

const PAGE = 200;
const MAX = 1000;

export function LogsTab() {
  const [limit, setLimit] = useState(PAGE);
  const polled = usePolled<LogListDocument>(`/api/v1/explore/logs${listQuery({ limit: String(limit) })}`);
  const traceId = route.value.query.get('traceId');
  return (
    <section class="logs" aria-label="Logs">
      <ListHead
        filterLabel="Filter logs"
        placeholder="Filter by text, attribute or severity"
        services={polled.data?.services ?? []}
      />
      {traceId !== null && (
        <p class="filter-chip">
          Logs of trace <Link href={`/explore/traces/${traceId}`}>{traceId}</Link>{' '}
          <Link class="button button-small" href={hrefWith({ traceId: '' })} aria-label="Show the logs of all traces">
            ✕
          </Link>
        </p>
      )}
      <ListBody
        polled={polled}
        noun={{ one: 'log record', many: 'log records', kept: 'records' }}
        onMore={limit < MAX ? () => setLimit(MAX) : undefined}
      >
        {(data) => (
          <ol class="items log-items" data-list>
            {keyed(data.items).map(({ key, log }) => (
              <LogItem key={key} id={key} log={log} />
            ))}
          </ol>
        )}
      </ListBody>
    </section>
  );
}

function LogItem({ log, id }: { readonly log: LogDocument; readonly id: string }) {
  const open = route.value.query.get('log') === id;
  const tone = severityTone(log.severityNumber);
  const toggle = () => navigate(hrefWith({ log: open ? '' : id }), { replace: true });
  return (
    <li>
      <button type="button" class="item log-item" data-item aria-expanded={open} onClick={toggle}>
        <time dateTime={log.time} title={`${isoDay(log.time)} · ${log.time}`}>
          {timeOnDay(log.time, isoDay(new Date().toISOString()))}
        </time>
        <span class={`severity severity-${tone}`}>
          <span aria-hidden="true">{SEVERITY_SHAPE[tone]}</span> {log.severity || 'none'}
        </span>
        <span class="log-service">{log.service}</span>
        <span class="log-body">{log.body || '(empty body)'}</span>
      </button>
      {open && <LogDetail log={log} />}
    </li>
  );
}

function LogDetail({ log }: { readonly log: LogDocument }) {
  return (
    <div class="log-detail">
      <p class="trace-actions">
        <CopyButton text={() => JSON.stringify(log, null, 2)} label="Copy JSON" />
        {log.traceId !== '' && (
          <Link
            class="button button-small"
            href={`/explore/traces/${log.traceId}${log.spanId === '' ? '' : `?span=${log.spanId}`}`}
          >
            Show the trace
          </Link>
        )}
        <span class="muted">{log.time}</span>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <pre class="log-full" tabIndex={0}>
        {log.body}
      </pre>
      <Attributes title="Attributes" attributes={log.attributes} />
      <Attributes title="Resource" attributes={log.resource} />
    </div>
  );
}

type Tone = 'error' | 'warning' | 'info' | 'debug';
const SEVERITY_SHAPE = { error: '✗', warning: '!', info: '●', debug: '·' } as const satisfies Record<Tone, string>;

/** Ranges of https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
function severityTone(severityNumber: number): Tone {
  if (severityNumber >= 17) return 'error';
  if (severityNumber >= 13) return 'warning';
  return severityNumber >= 9 ? 'info' : 'debug';
}

/** Keys that stay while new records come in above: the time, and a number for records of the same nanosecond. */
function keyed(logs: readonly LogDocument[]): readonly { readonly key: string; readonly log: LogDocument }[] {
  const seen = new Map<string, number>();
  return logs
    .toReversed()
    .map((log) => {
      const sameTime = seen.get(log.time) ?? 0;
      seen.set(log.time, sameTime + 1);
      return { key: sameTime === 0 ? log.time : `${log.time}.${sameTime}`, log };
    })
    .reverse();
}
