/**
 * Self-metrics: counters, gauges and histograms of the process itself, rendered in Prometheus' text format.
 * A child is looked up once when its component is built; adding to it is one number addition.
 */
export type Labels = Readonly<Record<string, string>>;

export interface MetricSpec {
  /** Name as exposed, with unit and `_total` where the convention asks for it. */
  readonly name: string;
  readonly help: string;
}

export interface Counter {
  add(n: number): void;
  readonly value: number;
}

export interface Gauge {
  set(n: number): void;
  readonly value: number;
}

export interface Histogram {
  observe(n: number): void;
  /** Upper bound of the bucket that holds the quantile; NaN when nothing was observed. */
  quantile(q: number): number;
  readonly count: number;
  readonly sum: number;
}

type Kind = 'counter' | 'gauge' | 'histogram';

interface Family {
  readonly kind: Kind;
  readonly spec: MetricSpec;
  readonly children: Map<string, Child>;
  collect?: Collect;
}

/** All children of a metric at the moment of the call. */
export type Collect = () => Iterable<readonly [labels: Labels, value: number]>;

type Child = SumChild | HistogramChild | ObservedChild;

class SumChild implements Counter, Gauge {
  value = 0;
  add(n: number): void {
    this.value += n;
  }
  set(n: number): void {
    this.value = n;
  }
}

class ObservedChild {
  readonly read: () => number;
  constructor(read: () => number) {
    this.read = read;
  }
}

class HistogramChild implements Histogram {
  count = 0;
  sum = 0;
  readonly bounds: readonly number[];
  readonly buckets: Float64Array;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.buckets = new Float64Array(bounds.length + 1);
  }

  observe(n: number): void {
    let i = 0;
    while (i < this.bounds.length && n > this.bounds[i]!) i++;
    this.buckets[i]! += 1;
    this.count++;
    this.sum += n;
  }

  quantile(q: number): number {
    if (this.count === 0) return Number.NaN;
    const rank = q * this.count;
    let seen = 0;
    for (let i = 0; i < this.buckets.length; i++) {
      seen += this.buckets[i]!;
      if (seen >= rank) return i < this.bounds.length ? this.bounds[i]! : Number.POSITIVE_INFINITY;
    }
    return Number.POSITIVE_INFINITY;
  }
}

export class MetricsRegistry {
  readonly #families = new Map<string, Family>();

  counter(spec: MetricSpec, labels: Labels = {}): Counter {
    return this.#child(spec, 'counter', labels, () => new SumChild());
  }

  gauge(spec: MetricSpec, labels: Labels = {}): Gauge {
    return this.#child(spec, 'gauge', labels, () => new SumChild());
  }

  /** A value read when the registry is rendered. Observing the same labels again replaces the reader. */
  observe(spec: MetricSpec, labels: Labels, read: () => number, kind: 'gauge' | 'counter' = 'gauge'): void {
    this.#family(spec, kind).children.set(labelText(labels), new ObservedChild(read));
  }

  /** A metric whose children come and go: `collect` is asked for them when the registry is rendered, instead of any it had. */
  collect(spec: MetricSpec, kind: 'gauge' | 'counter', collect: Collect): void {
    this.#family(spec, kind).collect = collect;
  }

  histogram(spec: MetricSpec, bounds: readonly number[], labels: Labels = {}): Histogram {
    return this.#child(spec, 'histogram', labels, () => new HistogramChild(bounds));
  }

  /** Removes every child that carries all the given labels; used when a component stops for good. */
  forget(labels: Labels): void {
    const parts = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
    for (const family of this.#families.values()) {
      for (const key of family.children.keys())
        if (parts.every((part) => key.includes(part))) family.children.delete(key);
    }
  }

  /** Prometheus text format 0.0.4, families and children sorted by name. */
  renderPrometheus(): string {
    const out: string[] = [];
    for (const name of [...this.#families.keys()].sort()) {
      const family = this.#families.get(name)!;
      const collected = [...(family.collect?.() ?? [])].map(
        ([labels, value]) => `${name}${braces(labelText(labels))} ${value}`,
      );
      if (family.collect !== undefined && collected.length === 0) continue;
      out.push(`# HELP ${name} ${family.spec.help}`, `# TYPE ${name} ${family.kind}`);
      for (const key of [...family.children.keys()].sort()) renderChild(out, name, key, family.children.get(key)!);
      out.push(...collected.sort());
    }
    return `${out.join('\n')}\n`;
  }

  #family(spec: MetricSpec, kind: Kind): Family {
    let family = this.#families.get(spec.name);
    if (family === undefined) {
      family = { kind, spec, children: new Map() };
      this.#families.set(spec.name, family);
    }
    if (family.kind !== kind) throw new Error(`metric ${spec.name} is a ${family.kind}, not a ${kind}`);
    return family;
  }

  #child<T extends Child>(spec: MetricSpec, kind: Kind, labels: Labels, create: () => T): T {
    const { children } = this.#family(spec, kind);
    const key = labelText(labels);
    let child = children.get(key) as T | undefined;
    if (child === undefined) {
      child = create();
      children.set(key, child);
    }
    return child;
  }
}

function renderChild(out: string[], name: string, labels: string, child: Child): void {
  if (child instanceof HistogramChild) {
    const prefix = labels === '' ? '' : `${labels},`;
    let cumulative = 0;
    child.buckets.forEach((n, i) => {
      cumulative += n;
      const le = i < child.bounds.length ? String(child.bounds[i]) : '+Inf';
      out.push(`${name}_bucket{${prefix}le="${le}"} ${cumulative}`);
    });
    out.push(`${name}_sum${braces(labels)} ${child.sum}`, `${name}_count${braces(labels)} ${child.count}`);
    return;
  }
  out.push(`${name}${braces(labels)} ${child instanceof ObservedChild ? child.read() : child.value}`);
}

function braces(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}

function labelText(labels: Labels): string {
  return Object.keys(labels)
    .sort()
    .map((key) => `${key}="${escapeLabel(labels[key]!)}"`)
    .join(',');
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
