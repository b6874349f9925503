interface Placed<T> {
  readonly span: T;
  readonly depth: number;
}

interface SpanLike {
  readonly spanId: string;
  readonly parentSpanId: string;
}

/**
 * Puts spans, given in order of start, into the order of a waterfall: a parent before its children, siblings by start.
 * A span whose parent is missing stands like a root. Every span comes out once, also when parents form a circle or
 * several spans share an id. Iterative: a chain may be as long as the trace.
 */
export function arrangeWaterfall<T extends SpanLike>(spans: readonly T[]): readonly Placed<T>[] {
  const ids = new Set(spans.map((span) => span.spanId));
  const children = new Map<string, T[]>();
  const roots: T[] = [];
  for (const span of spans) {
    const isRoot = !ids.has(span.parentSpanId) || span.parentSpanId === span.spanId;
    if (isRoot) roots.push(span);
    else appendTo(children, span.parentSpanId, span);
  }
  const placed: Placed<T>[] = [];
  const seen = new Set<T>();
  for (const start of [...roots, ...spans]) {
    const stack: Placed<T>[] = [{ span: start, depth: 0 }];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (seen.has(next.span)) continue;
      seen.add(next.span);
      placed.push(next);
      const own = children.get(next.span.spanId) ?? [];
      for (let i = own.length - 1; i >= 0; i--) stack.push({ span: own[i], depth: next.depth + 1 });
    }
  }
  return placed;
}

function appendTo<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
