import { countItemsWithin, type Signal, tagOf, WIRE_TYPE } from '../../pdata/index.ts';
import type { ContextName } from '../row.ts';
import type { MessageView } from './message-view.ts';
import type { RowStep } from './row-step.ts';
import type { RowView } from './row-view.ts';
import type { Workspace } from './workspace.ts';

const LEVELS: Readonly<Record<Signal, readonly ContextName[]>> = {
  traces: ['resource', 'scope', 'span', 'spanevent'],
  metrics: ['resource', 'scope', 'metric', 'datapoint'],
  logs: ['resource', 'scope', 'log'],
};
const SCOPE = 1;
const ITEM = 2;
const PART = 3;

/** A ResourceX in the request, data points in a Gauge, Sum …; what stands in a ResourceX or ScopeX; events in a span. */
const FIRST = tagOf(1, WIRE_TYPE.lengthDelimited);
const SECOND = tagOf(2, WIRE_TYPE.lengthDelimited);
const EVENTS = tagOf(11, WIRE_TYPE.lengthDelimited);

/** One walk over a request: the steps of each level, from the resources down. */
export class RequestWalk {
  readonly #signal: Signal;
  readonly #levels: readonly (readonly RowStep[])[];
  /** The lowest level that has steps, and the lowest above which what is empty goes; -1 for none. */
  readonly #depth: number;
  readonly #emptyDepth: number;
  #workspace!: Workspace;
  #dropped!: Map<RowStep, number>;

  constructor(signal: Signal, steps: readonly RowStep[]) {
    this.#signal = signal;
    const contexts = LEVELS[signal];
    const foreign = steps.find(({ context }) => !contexts.includes(context));
    if (foreign !== undefined) throw new Error(`${signal} have no ${foreign.context}`);
    this.#levels = contexts.map((context) => steps.filter((step) => step.context === context));
    this.#depth = this.#levels.findLastIndex((level) => level.length > 0);
    this.#emptyDepth = this.#levels.findLastIndex((level) => level.some((step) => step.removesEmpty));
  }

  /** Adds to `dropped` what its steps drop. */
  run(workspace: Workspace, dropped: Map<RowStep, number>): void {
    this.#workspace = workspace;
    this.#dropped = dropped;
    const { request, row, take } = workspace;
    for (let at = request.first(FIRST); at >= 0; at = request.first(FIRST, at + 1)) {
      const holder = request.nest(at, take);
      row.resourceHolder = holder;
      const dropper = this.#dropper(row, 0);
      if (dropper !== undefined) {
        this.#count(dropper, this.#itemsInResource(holder));
        request.drop(at);
        continue;
      }
      if (this.#depth >= SCOPE) this.#scopes(holder);
      if (this.#emptyDepth >= 0 && holder.first(SECOND) < 0) request.drop(at);
      else keep(request, at, holder);
    }
  }

  #scopes(resourceHolder: MessageView): void {
    const { row, take } = this.#workspace;
    for (let at = resourceHolder.first(SECOND); at >= 0; at = resourceHolder.first(SECOND, at + 1)) {
      const holder = resourceHolder.nest(at, take);
      row.scopeHolder = holder;
      const dropper = this.#dropper(row, SCOPE);
      if (dropper !== undefined) {
        this.#count(dropper, this.#itemsInScope(holder));
        resourceHolder.drop(at);
        continue;
      }
      if (this.#depth >= ITEM) this.#items(holder);
      if (this.#emptyDepth >= SCOPE && holder.first(SECOND) < 0) resourceHolder.drop(at);
      else keep(resourceHolder, at, holder);
    }
  }

  /** Spans, metrics, log records. Metrics that a step appends are walked as well, as in the Collector. */
  #items(scopeHolder: MessageView): void {
    const { row } = this.#workspace;
    const { item } = row;
    for (let at = scopeHolder.first(SECOND); at >= 0; at = scopeHolder.first(SECOND, at + 1)) {
      item.arena.truncate(0);
      item.point(scopeHolder.bytesAt(at), scopeHolder.startAt(at), scopeHolder.endAt(at));
      const dropper = this.#dropper(row, ITEM);
      if (dropper !== undefined) {
        this.#count(dropper, this.#itemsAt(scopeHolder, at));
        scopeHolder.drop(at);
      } else if (this.#depth < PART || this.#parts(row)) write(item, scopeHolder, at, SECOND);
      else scopeHolder.drop(at);
    }
  }

  /** Span events or data points; false if the metric is to go with the last of its data points. */
  #parts(row: RowView): boolean {
    if (this.#signal === 'traces') {
      this.#eachPart(row, row.item, row.event, EVENTS);
      return true;
    }
    const data = row.metricData;
    if (data === undefined) return true;
    row.pointKind = row.metricKind;
    this.#eachPart(row, data, row.point, FIRST);
    return this.#emptyDepth < PART || data.first(FIRST) >= 0;
  }

  #eachPart(row: RowView, parent: MessageView, part: MessageView, tag: number): void {
    const itemCount = tag === FIRST ? 1 : 0;
    for (let at = parent.first(tag); at >= 0; at = parent.first(tag, at + 1)) {
      part.arena.truncate(0);
      part.point(parent.bytesAt(at), parent.startAt(at), parent.endAt(at));
      const dropper = this.#dropper(row, PART);
      if (dropper === undefined) write(part, parent, at, tag);
      else {
        this.#count(dropper, itemCount);
        parent.drop(at);
      }
    }
  }

  /** The step that drops the row; later ones do not see it. */
  #dropper(row: RowView, level: number): RowStep | undefined {
    for (const step of this.#levels[level]!) {
      row.begin(step.context);
      if (!step.visit(row)) return step;
    }
    return undefined;
  }

  #count(step: RowStep, itemCount: number): void {
    if (itemCount > 0) this.#dropped.set(step, (this.#dropped.get(step) ?? 0) + itemCount);
  }

  #itemsInResource(holder: MessageView): number {
    let count = 0;
    for (let at = holder.first(SECOND); at >= 0; at = holder.first(SECOND, at + 1)) {
      const scopeHolder = holder.nestedAt(at);
      count += scopeHolder === undefined ? this.#itemsWithin(holder, at, ITEM) : this.#itemsInScope(scopeHolder);
    }
    return count;
  }

  #itemsInScope(holder: MessageView): number {
    let count = 0;
    for (let at = holder.first(SECOND); at >= 0; at = holder.first(SECOND, at + 1)) count += this.#itemsAt(holder, at);
    return count;
  }

  #itemsAt(scopeHolder: MessageView, at: number): number {
    return this.#signal === 'metrics' ? this.#itemsWithin(scopeHolder, at, PART) : 1;
  }

  #itemsWithin(view: MessageView, at: number, level: number): number {
    return countItemsWithin(this.#signal, view.bytesAt(at), { start: view.startAt(at), end: view.endAt(at) }, level);
  }
}

function keep(parent: MessageView, at: number, holder: MessageView): void {
  holder.settle();
  if (holder.changed) parent.keepNested(at);
}

/** Puts what the view has become in place of field `at`. */
function write(view: MessageView, parent: MessageView, at: number, tag: number): void {
  view.settle();
  if (view.changed) parent.putMessage(at, tag, view);
}
