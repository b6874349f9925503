/**
 * OTLP metrics as series of Prometheus. Source: prometheusremotewrite translator of the Collector at 0.149. Beyond it: what is
 * dropped is counted, exemplars and start times go with 2.0 too, and a label that a histogram or summary needs for itself
 * outweighs an attribute of its name.
 */
import { goFloat } from './go-float.ts';
import { createLabelNamer, type LabelNamer } from './label-name.ts';
import { type MetricNaming, metricName, type NamedType, unitName } from './metric-name.ts';
import {
  type Attributes,
  type DataPoint,
  type Double,
  type Metric,
  type ResourceMetrics,
  readMetrics,
  type Scope,
} from './metrics.ts';
import { nativeHistogram, STALE } from './native-histogram.ts';
import { promExemplars } from './prom-exemplars.ts';
import { type Metadata, PROMETHEUS_TYPE, type Series, SeriesSet } from './series.ts';

export interface TranslationSettings extends MetricNaming {
  readonly version: '1.0' | '2.0';
  /** Names are sanitized already. */
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly targetInfo: boolean;
  readonly scopeInfo: boolean;
  /** Attributes of the resource on every series: all, all but those of `job` and `instance`, or none. */
  readonly resourceLabels: 'all' | 'no-service' | 'none';
}

/** Why data points have no place in Prometheus. */
export type Misfit = 'temporality' | 'name' | 'scale' | 'type';

export interface MetricMetadata extends Metadata {
  readonly name: string;
}

export interface Translation {
  readonly series: readonly Series[];
  /** Of every metric that has a name, in the order of the request. */
  readonly metadata: readonly MetricMetadata[];
  /** Data points left out. */
  readonly dropped: ReadonlyMap<Misfit, number>;
}

export type Translate = (request: Uint8Array) => Translation;

const NANOS_PER_MS = 1_000_000n;
const SERVICE = ['service.namespace', 'service.name', 'service.instance.id'];
const LABEL_NAMING = { keepUnderscores: false, prefixUnderscore: true };
/** Of `target_info` in version 1.0. */
const TARGET_INFO_NAMING = { keepUnderscores: true, prefixUnderscore: false };

export function createTranslate(settings: TranslationSettings): Translate {
  const namer = createLabelNamer(LABEL_NAMING);
  const infoNamer = settings.version === '1.0' ? createLabelNamer(TARGET_INFO_NAMING) : namer;
  return (request) => {
    const translator = new Translator(settings, { namer, infoNamer });
    for (const resource of readMetrics(request)) translator.add(resource);
    return translator.result();
  };
}

class Translator {
  readonly #settings: TranslationSettings;
  readonly #namer: LabelNamer;
  readonly #infoNamer: LabelNamer;
  readonly #set = new SeriesSet();
  readonly #metadata: MetricMetadata[] = [];
  readonly #dropped = new Map<Misfit, number>();

  constructor(
    settings: TranslationSettings,
    { namer, infoNamer }: { readonly namer: LabelNamer; readonly infoNamer: LabelNamer },
  ) {
    this.#settings = settings;
    this.#namer = namer;
    this.#infoNamer = infoNamer;
  }

  result(): Translation {
    const series = this.#set.all();
    return { series, metadata: series.length === 0 ? [] : this.#metadata, dropped: this.#dropped };
  }

  add({ attributes, scopes }: ResourceMetrics): void {
    const place = this.#placeOf(attributes);
    let newest = 0n;
    for (const { scope, metrics } of scopes) {
      const scopeLabels = this.#scopeLabels(scope);
      for (const metric of metrics) {
        for (const { timeUnixNano } of metric.points) if (timeUnixNano > newest) newest = timeUnixNano;
        this.#addMetric(metric, { ...place, scopeLabels });
      }
    }
    if (this.#settings.targetInfo && newest > 0n) this.#addTargetInfo(attributes, newest);
  }

  /** What every series of a resource has. */
  #placeOf(attributes: Attributes): Omit<Place, 'scopeLabels'> {
    const { resourceLabels, externalLabels } = this.#settings;
    const asLabels = resourceLabels === 'none' ? [] : attributes;
    const own = resourceLabels === 'no-service' ? asLabels.filter(([key]) => !SERVICE.includes(key)) : asLabels;
    return { resourceAttributes: own, identity: identityOf(attributes), external: Object.entries(externalLabels) };
  }

  #scopeLabels({ name, version, attributes }: Scope): readonly (readonly [string, string])[] {
    if (!this.#settings.scopeInfo) return [];
    const all = [
      ...(name === '' ? [] : [['otel_scope_name', name] as const]),
      ...(version === '' ? [] : [['otel_scope_version', version] as const]),
      ...attributes.map(([key, value]) => [`otel_scope_${key}`, value] as const),
    ];
    return all.flatMap(([key, value]) => {
      const label = this.#namer(key);
      return label === undefined ? [] : [[label, value] as const];
    });
  }

  #addMetric(metric: Metric, place: Place): void {
    const misfit = misfitOf(metric);
    const name = metricName({ ...metric, type: namedType(metric) }, this.#settings);
    const metadata = { type: typeOf(metric), help: metric.description, unit: unitName(metric.unit) };
    if (name !== undefined) this.#metadata.push({ ...metadata, name });
    if (misfit !== undefined || name === undefined) return this.#drop(misfit ?? 'name', metric.points.length);
    for (const point of metric.points) {
      const labels = labelsOf(joinAttributes(point.attributes, place.resourceAttributes), place, this.#namer);
      if (labels === undefined) this.#drop('name', 1);
      else this.#addPoint(metric, point, { name, labels, metadata });
    }
  }

  #addPoint(metric: Metric, point: DataPoint, target: Target): void {
    switch (metric.type) {
      case 'histogram':
        this.#addHistogram(point, target);
        break;
      case 'summary':
        this.#addSummary(point, target);
        break;
      case 'exponentialHistogram':
        this.#addExponential(point, target);
        break;
      default: {
        const series = this.#sample(target, target.name, point, point.value);
        if (metric.type === 'sum') series.exemplars.push(...promExemplars(point.exemplars, this.#namer));
      }
    }
  }

  #sample(
    { labels, metadata }: Target,
    name: string,
    point: DataPoint,
    value: Double,
    extra?: readonly [string, string],
  ): Series {
    const all = new Map(labels);
    if (extra !== undefined) all.set(...extra);
    all.set('__name__', name);
    const series = this.#set.of(all, metadata);
    series.samples.push({ value: point.stale ? STALE : value, ...timesOf(point) });
    return series;
  }

  #addHistogram(point: DataPoint, target: Target): void {
    const { name } = target;
    const count = { number: Number(point.count) };
    if (point.sum !== undefined) this.#sample(target, `${name}_sum`, point, point.sum);
    this.#sample(target, `${name}_count`, point, count);
    const buckets: { bound: number; series: Series }[] = [];
    let cumulative = 0n;
    for (let i = 0; i < point.bounds.length && i < point.bucketCounts.length; i++) {
      const bound = point.bounds[i]!;
      cumulative += point.bucketCounts[i]!;
      const value = { number: Number(BigInt.asUintN(64, cumulative)) };
      buckets.push({ bound, series: this.#sample(target, `${name}_bucket`, point, value, ['le', goFloat(bound)]) });
    }
    const last = this.#sample(target, `${name}_bucket`, point, count, ['le', '+Inf']);
    buckets.push({ bound: Number.POSITIVE_INFINITY, series: last });
    buckets.sort((a, b) => a.bound - b.bound || 0);
    for (const exemplar of promExemplars(point.exemplars, this.#namer)) {
      const bucket = buckets.find(({ bound }) => exemplar.value.number <= bound);
      bucket?.series.exemplars.push(exemplar);
    }
  }

  #addSummary(point: DataPoint, target: Target): void {
    const { name } = target;
    this.#sample(target, `${name}_sum`, point, point.sum ?? { number: 0 });
    this.#sample(target, `${name}_count`, point, { number: Number(point.count) });
    for (const { quantile, value } of point.quantiles)
      this.#sample(target, name, point, value, ['quantile', goFloat(quantile)]);
  }

  #addExponential(point: DataPoint, { name, labels, metadata }: Target): void {
    const histogram = nativeHistogram(point, timesOf(point));
    if (histogram === undefined) return this.#drop('scale', 1);
    const series = this.#set.of(new Map([...labels, ['__name__', name]]), metadata);
    series.histograms.push(histogram);
    series.exemplars.push(...promExemplars(point.exemplars, this.#namer));
  }

  /** What is known of a resource beside `job` and `instance`, as a series of its own. */
  #addTargetInfo(attributes: Attributes, newest: bigint): void {
    const known = new Set(attributes.map(([key]) => key));
    const identity = identityOf(attributes);
    if (known.size === SERVICE.filter((key) => known.has(key)).length) return;
    const { namespace, externalLabels } = this.#settings;
    const name = namespace === '' ? 'target_info' : `${namespace}_target_info`;
    const described = attributes.filter(([key]) => !SERVICE.includes(key));
    const place = { identity, external: Object.entries(externalLabels), scopeLabels: [] };
    const labels = labelsOf(described, place, this.#infoNamer);
    if (labels === undefined || !(labels.has('job') || labels.has('instance'))) return;
    const metadata = { type: PROMETHEUS_TYPE.gauge, help: 'Target metadata', unit: '' };
    const series = this.#set.of(labels.set('__name__', name), metadata);
    series.samples.push({ value: { number: 1 }, timestampMs: newest / NANOS_PER_MS, startMs: 0n });
  }

  #drop(misfit: Misfit, count: number): void {
    if (count > 0) this.#dropped.set(misfit, (this.#dropped.get(misfit) ?? 0) + count);
  }
}

/** What series of one scope of one resource share. */
interface Place {
  readonly resourceAttributes: Attributes;
  readonly identity: readonly (readonly [string, string])[];
  readonly external: readonly (readonly [string, string])[];
  readonly scopeLabels: readonly (readonly [string, string])[];
}

/** Where the samples of one point go. */
interface Target {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly metadata: Metadata;
}

/** Attributes of a resource replace a point's own. */
function joinAttributes(own: Attributes, resource: Attributes): Attributes {
  return resource.length === 0 ? own : [...new Map([...own, ...resource])];
}

/** Undefined where a name of an attribute cannot be one of a label. */
function labelsOf(
  attributes: Attributes,
  { identity, external, scopeLabels }: Omit<Place, 'resourceAttributes'>,
  namer: LabelNamer,
): Map<string, string> | undefined {
  const labels = new Map<string, string>();
  const sorted = attributes.length < 2 ? attributes : [...attributes].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  for (const [key, value] of sorted) {
    const name = namer(key);
    if (name === undefined) return undefined;
    const before = labels.get(name);
    if (before === undefined) labels.set(name, value);
    else if (before !== value) labels.set(name, `${before};${value}`);
  }
  for (const [name, value] of identity) labels.set(name, value);
  for (const [name, value] of external) if (!labels.has(name)) labels.set(name, value);
  for (const [name, value] of scopeLabels) labels.set(name, value);
  return labels;
}

/** `job` and `instance`. */
function identityOf(attributes: Attributes): readonly (readonly [string, string])[] {
  const find = (wanted: string) => attributes.find(([key]) => key === wanted)?.[1];
  const [service, namespace, instance] = ['service.name', 'service.namespace', 'service.instance.id'].map(find);
  return [
    ...(service === undefined ? [] : [['job', namespace === undefined ? service : `${namespace}/${service}`] as const]),
    ...(instance === undefined ? [] : [['instance', instance] as const]),
  ];
}

function misfitOf({ type, isCumulative }: Metric): Misfit | undefined {
  if (type === undefined) return 'type';
  return type === 'gauge' || type === 'summary' || isCumulative ? undefined : 'temporality';
}

function namedType({ type, isMonotonic }: Metric): NamedType {
  if (type === 'gauge') return 'gauge';
  return type === 'sum' && isMonotonic ? 'counter' : 'other';
}

/** Source: otelMetricTypeToPromMetricType of the translator at 0.149. */
function typeOf({ type, isMonotonic, prometheusType }: Metric): number {
  switch (type) {
    case 'gauge':
      return prometheusType === 'unknown' ? PROMETHEUS_TYPE.unknown : PROMETHEUS_TYPE.gauge;
    case 'sum':
      if (isMonotonic) return PROMETHEUS_TYPE.counter;
      if (prometheusType === 'info') return PROMETHEUS_TYPE.info;
      return prometheusType === 'stateset' ? PROMETHEUS_TYPE.stateset : PROMETHEUS_TYPE.gauge;
    case 'summary':
      return PROMETHEUS_TYPE.summary;
    case undefined:
      return PROMETHEUS_TYPE.unknown;
    default:
      return PROMETHEUS_TYPE.histogram;
  }
}

function timesOf({ timeUnixNano, startUnixNano }: DataPoint): {
  readonly timestampMs: bigint;
  readonly startMs: bigint;
} {
  return { timestampMs: timeUnixNano / NANOS_PER_MS, startMs: startUnixNano / NANOS_PER_MS };
}
