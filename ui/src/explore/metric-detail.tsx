import type { MetricListDocument, MetricSeries } from '../../../src/server/api.ts';
import { AttributeTable } from '../components/attributes.tsx';
import { Link } from '../components/link.tsx';
import { ErrorNotice, Loading, Notice } from '../components/notice.tsx';
import { shortNumber, thousands, timeOfDay, withUnit } from '../shell/format.ts';
import { hrefWith, route } from '../shell/route.ts';
import { usePolled } from '../shell/use-polled.ts';
import { MetricBadges } from './metrics-tab.tsx';
import { Plot } from './plot.tsx';
import { type PlotView, plotData, viewsOf } from './plot-data.ts';

const VIEW_WORD = {
  value: 'Value',
  rate: 'Per second',
  average: 'Average',
  count: 'Count',
} as const satisfies Record<PlotView, string>;
const LAST_POINTS = 8;

/** One metric: its series, and the plot of the chosen one. */
export function MetricDetail({ name }: { readonly name: string }) {
  const path = `/api/v1/explore/metrics?${new URLSearchParams({ name, points: '1000' })}`;
  const { data, error } = usePolled<MetricListDocument>(path);
  const back = (
    <Link class="button button-small back" data-up href={hrefWith({ metric: '', series: '', view: '' })}>
      ← Metrics
    </Link>
  );
  if (error !== undefined) return <ErrorNotice error={error} />;
  if (data === undefined) return <Loading />;
  if (data.items.length === 0) {
    return (
      <>
        {back}
        <Notice title="This metric is not kept any more" />
      </>
    );
  }
  const wanted = route.value.query.get('series');
  const chosen = data.items.find((series) => seriesId(series) === wanted) ?? data.items[0];
  return (
    <div class="metric">
      {back}
      <h2>{name}</h2>
      <p class="metric-about">
        <MetricBadges series={chosen} />
        {chosen.unit !== '' && <span class="badge">unit {chosen.unit}</span>}
        <span class="muted">{chosen.description}</span>
      </p>
      <SeriesPlot series={chosen} />
      {data.items.length > 1 && <SeriesList all={data.items} chosen={chosen} />}
      <details class="section" open>
        <summary>Series</summary>
        <AttributeTable
          label="Attributes of the series"
          attributes={[{ key: 'service.name', type: 'resource', value: chosen.service }, ...chosen.attributes]}
        />
      </details>
    </div>
  );
}

function SeriesPlot({ series }: { readonly series: MetricSeries }) {
  const views = viewsOf(series);
  const asked = route.value.query.get('view');
  const view = views.find((candidate) => candidate === asked) ?? views[0];
  const data = plotData(series, view);
  const known = data.values.filter((value) => value !== null);
  const unit = view === 'rate' ? `${series.unit}/s` : view === 'count' ? '' : series.unit;
  const summary =
    known.length === 0
      ? 'No value to draw yet'
      : `${VIEW_WORD[view]}: now ${withUnit(shortNumber(known.at(-1) ?? 0), unit)}, from ${shortNumber(Math.min(...known))} to ${shortNumber(Math.max(...known))} over ${known.length} points`;
  return (
    <figure class="plot-figure" aria-label={`${series.name}. ${summary}`}>
      <div class="plot-head">
        <figcaption>{summary}</figcaption>
        {views.length > 1 && (
          <nav class="segments" aria-label="View">
            {views.map((candidate) => (
              <Link
                key={candidate}
                replace
                class="segment"
                href={hrefWith({ view: candidate })}
                aria-current={candidate === view ? 'true' : undefined}
              >
                {VIEW_WORD[candidate]}
              </Link>
            ))}
          </nav>
        )}
      </div>
      <Plot data={data} label={VIEW_WORD[view]} unit={unit} />
      <LastPoints series={series} />
    </figure>
  );
}

/** The table twin of the plot. */
function LastPoints({ series }: { readonly series: MetricSeries }) {
  const isNumber = series.type === 'gauge' || series.type === 'sum';
  const last = series.points.slice(-LAST_POINTS).reverse();
  return (
    <details class="section">
      <summary>
        Points <span class="muted">{thousands(series.points.length)}</span>
      </summary>
      <table class="points" aria-label="Newest points">
        <thead>
          <tr>
            <th scope="col">Time</th>
            {isNumber ? (
              <th scope="col">Value</th>
            ) : (
              <>
                <th scope="col">Count</th>
                <th scope="col">Sum</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {last.map((point, index) => (
            <tr key={`${point.time} ${index}`}>
              <td title={point.time}>{timeOfDay(point.time)}</td>
              {isNumber ? (
                <td class="numeric">{point.value ?? '–'}</td>
              ) : (
                <>
                  <td class="numeric">{point.count ?? '–'}</td>
                  <td class="numeric">{point.sum ?? '–'}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function SeriesList({ all, chosen }: { readonly all: readonly MetricSeries[]; readonly chosen: MetricSeries }) {
  return (
    <ol class="items series-items" aria-label="Series of this metric">
      {all.map((series) => (
        <li key={seriesId(series)}>
          <Link
            class="item"
            replace
            href={hrefWith({ series: seriesId(series) })}
            aria-current={series === chosen ? 'true' : undefined}
          >
            <span class="item-title series-title">{seriesTitle(series)}</span>
            <span class="item-number">{shortNumber(lastValue(series) ?? Number.NaN)}</span>
          </Link>
        </li>
      ))}
    </ol>
  );
}

function lastValue(series: MetricSeries): number | undefined {
  const { values } = plotData(series, viewsOf(series)[0]);
  return values.filter((value) => value !== null).at(-1);
}

function seriesTitle(series: MetricSeries): string {
  const attributes = series.attributes.map(({ key, value }) => `${key}=${value}`).join(', ');
  return [series.service, attributes].filter((part) => part !== '').join(' · ') || '(no attributes)';
}

/** Short enough for an address, and the same in every poll. */
function seriesId(series: MetricSeries): string {
  return [series.service, series.type, ...series.attributes.map(({ key, value }) => `${key}=${value}`)]
    .join(',')
    .slice(0, 200);
}
