import type { SpanDocument } from '../../../src/server/api.ts';
import { Attributes, AttributeTable } from '../components/attributes.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { Link } from '../components/link.tsx';
import { duration } from '../shell/format.ts';
import { hrefWith } from '../shell/route.ts';

/** All fields of one span, with types. */
export function SpanDetail({ span }: { readonly span: SpanDocument }) {
  const scope = [span.scope.name, span.scope.version].filter((part) => part !== '').join(' ');
  return (
    <aside class="span-detail" aria-label="Span">
      <div class="span-detail-head">
        <h3>{span.name || '(no name)'}</h3>
        <CopyButton text={() => JSON.stringify(span, null, 2)} label="Copy JSON" />
        <Link class="button button-small" replace data-up href={hrefWith({ span: '' })} aria-label="Close the span">
          ✕
        </Link>
      </div>
      <table class="attributes" aria-label="Fields">
        <tbody>
          <Field name="service" value={span.service || '–'} />
          <Field name="kind" value={span.kind} />
          <Field name="status" value={span.status} alarming={span.status === 'ERROR'} note={span.statusMessage} />
          <Field name="duration" value={duration(span.durationSeconds)} />
          <Field name="start" value={span.startTime} note={`+${duration(span.offsetSeconds)}`} />
          <Field name="span id" value={span.spanId} />
          <Field name="parent id" value={span.parentSpanId || '– (root)'} />
          {scope !== '' && <Field name="scope" value={scope} />}
        </tbody>
      </table>
      <Attributes title="Attributes" attributes={span.attributes} />
      {span.events.length > 0 && (
        <details class="section" open>
          <summary>
            Events <span class="muted">{span.events.length}</span>
          </summary>
          {span.events.map((event, index) => (
            <div key={`${index} ${event.name}`} class="event">
              <p>
                <strong>{event.name || '(no name)'}</strong>{' '}
                <span class="muted">+{duration(Math.max(0, event.offsetSeconds))}</span>
              </p>
              <AttributeTable attributes={event.attributes} label={`Event ${event.name}`} />
            </div>
          ))}
        </details>
      )}
      {span.links.length > 0 && (
        <details class="section" open>
          <summary>
            Links <span class="muted">{span.links.length}</span>
          </summary>
          {span.links.map((link, index) => (
            <div key={`${index} ${link.spanId}`} class="event">
              <p>
                <Link href={`/explore/traces/${link.traceId}?span=${link.spanId}`}>{link.traceId}</Link>
              </p>
              <AttributeTable attributes={link.attributes} label="Link" />
            </div>
          ))}
        </details>
      )}
      <Attributes title="Resource" attributes={span.resource} />
    </aside>
  );
}

interface FieldProps {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
  readonly alarming?: boolean;
}

function Field({ name, value, note = '', alarming = false }: FieldProps) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <span class={alarming ? 'attribute-value alarming' : 'attribute-value'}>
          {alarming && '✗ '}
          {value}
        </span>{' '}
        {note !== '' && <span class="attribute-type">{note}</span>}
      </td>
    </tr>
  );
}
