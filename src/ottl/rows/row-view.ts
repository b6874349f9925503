import { tagOf, WIRE_TYPE, WireWriter } from '../../pdata/index.ts';
import { RequestLimitError } from '../function.ts';
import type { ContextName, Row } from '../row.ts';
import { MessageView } from './message-view.ts';
import { TreeMap } from './tree.ts';

/** As pdata numbers the kinds of metrics; 0 for a metric without any. */
export type MetricKind = 0 | 1 | 2 | 3 | 4 | 5;

/** Tag in a Metric of the message that holds the data points, by kind. */
const DATA_TAGS: readonly number[] = [0, 5, 7, 9, 10, 11].map((number) => tagOf(number, WIRE_TYPE.lengthDelimited));

/** What statements may write into one request, all statements and rows together: far more than any that end in sensible data. */
const MAX_WRITTEN = 16 * 1024 * 1024;
const MAX_GROWTH = 64;

/** Resource of a ResourceX, scope of a ScopeX. */
const OWNER_TAG = tagOf(1, WIRE_TYPE.lengthDelimited);

/** A row and what stands around it: views that are pointed at one message after another. */
export class RowView implements Row {
  context: ContextName = 'resource';
  /** The ResourceSpans, ResourceMetrics or ResourceLogs, and the ScopeX in it: they hold the schema URLs. */
  resourceHolder: MessageView;
  scopeHolder: MessageView;
  /** The span, metric or log record. */
  readonly item: MessageView;
  /** The span event. */
  readonly event: MessageView;
  /** The data point, and the kind of metric that it belongs to. */
  readonly point: MessageView;
  pointKind: MetricKind = 0;
  #cache: TreeMap | undefined;
  #left = Number.POSITIVE_INFINITY;

  constructor(arena: WireWriter) {
    this.resourceHolder = new MessageView(arena);
    this.scopeHolder = new MessageView(arena);
    // What is done to one item, and to one part of it, is written over by the next: only the outcome goes to the level above.
    this.item = new MessageView(new WireWriter(1024));
    const part = new WireWriter(1024);
    this.event = new MessageView(part);
    this.point = new MessageView(part);
  }

  get cache(): TreeMap {
    this.#cache ??= new TreeMap(() => {});
    return this.#cache;
  }

  /** Makes the row look new to statements of `context`. */
  begin(context: ContextName): void {
    this.context = context;
    this.#cache = undefined;
  }

  /** Limits what statements write from here on, for a request of this size. */
  limit(requestBytes: number): void {
    this.#left = MAX_WRITTEN + requestBytes * MAX_GROWTH;
  }

  spend(amount: number): void {
    this.#left -= amount;
    if (this.#left < 0)
      throw new RequestLimitError(
        `statements wrote more than ${MAX_WRITTEN >> 20} MiB and ${MAX_GROWTH} times its size into one request`,
      );
  }

  release(): void {
    for (const view of [this.item, this.event, this.point]) view.release();
    this.#cache = undefined;
  }

  get resource(): MessageView {
    return this.resourceHolder.child(OWNER_TAG);
  }

  get scope(): MessageView {
    return this.scopeHolder.child(OWNER_TAG);
  }

  /** The kind of the metric: the last member of the oneof counts. */
  get metricKind(): MetricKind {
    let found: MetricKind = 0;
    let at = -1;
    for (let kind = 1; kind < DATA_TAGS.length; kind++) {
      const index = this.item.last(DATA_TAGS[kind]!);
      if (index <= at) continue;
      at = index;
      found = kind as MetricKind;
    }
    return found;
  }

  /** The Gauge, Sum … of the metric, which holds its data points; undefined for a metric without a kind. */
  get metricData(): MessageView | undefined {
    const kind = this.metricKind;
    return kind === 0 ? undefined : this.item.child(DATA_TAGS[kind]!);
  }
}
