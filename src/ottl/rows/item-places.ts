/** The paths of resources, scopes, spans, their events and log records, as pkg/ottl/contexts has them at 0.149. */
import { EvaluationError } from '../function.ts';
import { addressOf, type Field, idField, intField, isInt, textField, timeField } from './field.ts';
import { messageField, messageListField } from './opaque.ts';
import { bodyPlace, bodyTextPlace, fieldPlace, type Select, unexpected } from './place.ts';
import { attributesEntry, entriesFor, type PlaceEntry, type PlaceTable, unkeyed } from './place-table.ts';
import type { RowView } from './row-view.ts';
import { DEPRECATED_KIND_NAMES, idTextField, KIND_NAMES, kindTextField } from './text-form.ts';
import { traceStatePlace } from './trace-state-place.ts';

const MAX_UINT32 = 2n ** 32n - 1n;

function resourcePlaces(): PlaceTable {
  const field = entriesFor((row) => row.resource, 'ignored');
  return {
    attributes: attributesEntry((row) => row.resource.attributes(1)),
    dropped_attributes_count: field(intField('Resource', 'droppedAttributesCount')),
    schema_url: entriesFor((row) => row.resourceHolder, 'ignored')(textField('ResourceSpans', 'schemaUrl')),
  };
}

function scopePlaces(): PlaceTable {
  const field = entriesFor((row) => row.scope, 'refused');
  return {
    name: field(textField('InstrumentationScope', 'name')),
    version: field(textField('InstrumentationScope', 'version')),
    attributes: attributesEntry((row) => row.scope.attributes(3)),
    dropped_attributes_count: field(intField('InstrumentationScope', 'droppedAttributesCount')),
    schema_url: entriesFor((row) => row.scopeHolder, 'refused')(textField('ScopeSpans', 'schemaUrl')),
  };
}

const item: Select = (row) => row.item;

function spanPlaces(): PlaceTable {
  const field = entriesFor(item, 'ignored');
  return {
    trace_id: field(idField('Span', 'traceId', 'trace'), { string: field(idTextField('Span', 'traceId', 'trace')) }),
    span_id: field(idField('Span', 'spanId', 'span'), { string: field(idTextField('Span', 'spanId', 'span')) }),
    parent_span_id: field(idField('Span', 'parentSpanId', 'span'), {
      string: field(idTextField('Span', 'parentSpanId', 'span')),
    }),
    trace_state: { place: (keys) => traceStatePlace(item, keys) },
    name: field(textField('Span', 'name')),
    kind: field(intField('Span', 'kind'), {
      string: field(kindTextField(KIND_NAMES, 'string')),
      deprecated_string: field(kindTextField(DEPRECATED_KIND_NAMES, 'deprecated string')),
    }),
    start_time_unix_nano: field(intField('Span', 'startTimeUnixNano')),
    end_time_unix_nano: field(intField('Span', 'endTimeUnixNano')),
    start_time: field(timeField('Span', 'startTimeUnixNano')),
    end_time: field(timeField('Span', 'endTimeUnixNano')),
    attributes: attributesEntry((row) => row.item.attributes(9)),
    dropped_attributes_count: field(intField('Span', 'droppedAttributesCount')),
    events: field(messageListField('Span', 'events', 'ptrace.SpanEventSlice')),
    dropped_events_count: field(intField('Span', 'droppedEventsCount')),
    links: field(messageListField('Span', 'links', 'ptrace.SpanLinkSlice')),
    dropped_links_count: field(intField('Span', 'droppedLinksCount')),
    status: statusEntry(field),
    flags: spanFlags(),
  };
}

function statusEntry(field: (field: Field) => PlaceEntry): PlaceEntry {
  const { tag } = addressOf('Span', 'status');
  const ofStatus = entriesFor((row) => row.item.child(tag), 'ignored');
  const code = intField('Status', 'code');
  const message = textField('Status', 'message');
  const status = messageField('Span', 'status', {
    message: 'Status',
    goType: 'ptrace.Status',
    fields: { code, message },
  });
  return { ...field(status), next: { code: ofStatus(code), message: ofStatus(message) } };
}

/** The only number of a span whose range is looked at. */
function spanFlags(): PlaceEntry {
  const flags = intField('Span', 'flags');
  const { get } = fieldPlace(item, flags, 'refused');
  return unkeyed({
    get,
    set(row, value) {
      if (!isInt(value)) throw unexpected('int64', value);
      if (value < 0n || value > MAX_UINT32) throw new EvaluationError(`value ${value} is out of range for uint32`);
      flags.set(item(row as RowView), value);
    },
  });
}

function spanEventPlaces(): PlaceTable {
  const field = entriesFor((row) => row.event, 'ignored');
  return {
    time_unix_nano: field(intField('SpanEvent', 'timeUnixNano')),
    time: field(timeField('SpanEvent', 'timeUnixNano')),
    name: field(textField('SpanEvent', 'name')),
    attributes: attributesEntry((row) => row.event.attributes(3)),
    dropped_attributes_count: field(intField('SpanEvent', 'droppedAttributesCount')),
    // No processor of the Collector gives the context its index.
    event_index: unkeyed({
      get() {
        throw new EvaluationError("no 'event_index' property has been set");
      },
      set() {
        throw new EvaluationError("the 'event_index' path cannot be modified");
      },
    }),
  };
}

function logPlaces(): PlaceTable {
  const field = entriesFor(item, 'refused');
  const body: PlaceEntry = { place: (keys) => bodyPlace(item, keys), next: { string: unkeyed(bodyTextPlace(item)) } };
  return {
    time_unix_nano: field(intField('LogRecord', 'timeUnixNano')),
    observed_time_unix_nano: field(intField('LogRecord', 'observedTimeUnixNano')),
    time: field(timeField('LogRecord', 'timeUnixNano')),
    observed_time: field(timeField('LogRecord', 'observedTimeUnixNano')),
    severity_number: field(intField('LogRecord', 'severityNumber')),
    severity_text: field(textField('LogRecord', 'severityText')),
    body,
    attributes: attributesEntry((row) => row.item.attributes(6)),
    dropped_attributes_count: field(intField('LogRecord', 'droppedAttributesCount')),
    flags: field(intField('LogRecord', 'flags')),
    trace_id: field(idField('LogRecord', 'traceId', 'trace'), {
      string: field(idTextField('LogRecord', 'traceId', 'trace')),
    }),
    span_id: field(idField('LogRecord', 'spanId', 'span'), {
      string: field(idTextField('LogRecord', 'spanId', 'span')),
    }),
    event_name: field(textField('LogRecord', 'eventName')),
  };
}

export const ITEM_PLACES = {
  resource: resourcePlaces(),
  scope: scopePlaces(),
  span: spanPlaces(),
  spanevent: spanEventPlaces(),
  log: logPlaces(),
};

/** Upstream's context scope gives `resource.schema_url` the URL of the scope. */
export const SCOPE_SCHEMA_URL_AS_RESOURCES: PlaceEntry = entriesFor(
  (row) => row.scopeHolder,
  'ignored',
)(textField('ScopeSpans', 'schemaUrl'));
