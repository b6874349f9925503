import type { MetricListDocument, MetricSeries } from '../../../src/server/api.ts';
import { Link } from '../components/link.tsx';
import { Notice } from '../components/notice.tsx';
import { Sparkline } from '../components/sparkline.tsx';
import { shortNumber, withUnit } from '../shell/format.ts';
import { hrefWith, route } from '../shell/route.ts';
import { usePolled } from '../shell/use-polled.ts';
import { ListBody } from './list-body.tsx';
import { ListHead, listQuery } from './list-head.tsx';
import { MetricDetail } from './metric-detail.tsx';
import { plotData, viewsOf } from './plot-data.ts';

const TYPE_WORD = {
  gauge: 'gauge',
  sum: 'sum',
  histogram: 'histogram',
  exponentialHistogram: 'exp. histogram',
  summary: 'summary',
} as const satisfies Record<MetricSeries['type'], string>;

export function MetricsTab() {
  const polled = usePolled<MetricListDocument>(`/api/v1/explore/metrics${listQuery({ points: '30' })}`);
  const selected = route.value.query.get('metric');
  return (
    <div class={`panes ${selected === null ? 'panes-list' : 'panes-detail'}`}>
      <section class="pane pane-list" aria-label="Metric list">
        <ListHead
          filterLabel="Filter metrics"
          placeholder="Filter by name or attribute"
          services={polled.data?.services ?? []}
        />
        <ListBody polled={polled} noun={{ one: 'series', many: 'series', none: 'metrics', kept: 'points' }}>
          {(data) => (
            <ol class="items" data-list>
              {[...Map.groupBy(data.items, (series) => series.name)].map(([name, series]) => (
                <li key={name}>
                  <MetricItem name={name} series={series} selected={name === selected} />
                </li>
              ))}
            </ol>
          )}
        </ListBody>
      </section>
      <section class="pane pane-detail" aria-label="Metric">
        {selected === null ? <Notice title="Select a metric" /> : <MetricDetail name={selected} />}
      </section>
    </div>
  );
}

interface MetricItemProps {
  readonly name: string;
  readonly series: readonly MetricSeries[];
  readonly selected: boolean;
}

function MetricItem({ name, series, selected }: MetricItemProps) {
  const [first] = series;
  const { values } = plotData(first, viewsOf(first)[0]);
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  return (
    <Link
      class="item metric-item"
      data-item
      href={hrefWith({ metric: name, series: '', view: '' })}
      aria-current={selected ? 'true' : undefined}
    >
      <span class="item-title">{name || '(no name)'}</span>
      <span class="item-number">{last === undefined ? '–' : withUnit(shortNumber(last), first.unit)}</span>
      <span class="item-sub">
        <MetricBadges series={first} />
        {series.length > 1 ? `${series.length} series` : first.service}
      </span>
      <Sparkline values={known} tone="metrics" ground="least" height={20} label={`last ${known.length} points`} />
    </Link>
  );
}

/** Type, temporality with its arrow, and unit. */
export function MetricBadges({ series: { type, temporality, monotonic } }: { readonly series: MetricSeries }) {
  return (
    <>
      <span class="badge">{TYPE_WORD[type]}</span>
      {temporality !== undefined && (
        <span class="badge">
          {temporality === 'cumulative' ? '↗' : 'Δ'} {temporality}
        </span>
      )}
      {monotonic === false && <span class="badge">non-monotonic</span>}
    </>
  );
}
