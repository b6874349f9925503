import { describe, expect, it } from 'vitest';
import type { MetricSeries } from '../../../src/server/api.ts';
import { plotData, viewsOf } from './plot-data.ts';

function seriesOf(about: Partial<MetricSeries>, points: MetricSeries['points']): MetricSeries {
  return { name: 'm', description: '', unit: '', type: 'gauge', service: '', attributes: [], ...about, points };
}
const at = (second: number) => `2026-11-21T10:00:${String(second).padStart(2, '0')}.000000000Z`;

describe('plotData', () => {
  it('draws the values of numbers, and nothing where there is none', () => {
    const series = seriesOf({}, [
      { time: at(0), value: 1.5 },
      { time: at(1), value: null },
    ]);
    expect(plotData(series, 'value')).toEqual({
      times: [Date.parse(at(0)) / 1000, Date.parse(at(1)) / 1000],
      values: [1.5, null],
    });
  });

  it('gives the rate of a counter, also after it began anew', () => {
    const series = seriesOf({ type: 'sum', temporality: 'cumulative', monotonic: true }, [
      { time: at(0), value: 100 },
      { time: at(10), value: 150 },
      { time: at(20), value: 30 },
    ]);
    expect(plotData(series, 'rate').values).toEqual([null, 5, 3]);
  });

  it('divides a delta by its time', () => {
    const series = seriesOf({ type: 'sum', temporality: 'delta', monotonic: true }, [
      { time: at(0), value: 10 },
      { time: at(5), value: 10 },
    ]);
    expect(plotData(series, 'rate').values).toEqual([null, 2]);
  });

  it('has no rate between two points of one moment', () => {
    const series = seriesOf({ type: 'sum', monotonic: true }, [
      { time: at(0), value: 1 },
      { time: at(0), value: 2 },
    ]);
    expect(plotData(series, 'rate').values).toEqual([null, null]);
  });

  it('averages what a cumulative histogram got between two points', () => {
    const series = seriesOf({ type: 'histogram', temporality: 'cumulative' }, [
      { time: at(0), value: null, count: '2', sum: 10 },
      { time: at(5), value: null, count: '4', sum: 40 },
      { time: at(9), value: null, count: '4', sum: 40 },
    ]);
    expect(plotData(series, 'average').values).toEqual([5, 15, 10]);
    expect(plotData(series, 'count').values).toEqual([2, 4, 4]);
  });

  it('averages each delta by itself', () => {
    const series = seriesOf({ type: 'exponentialHistogram', temporality: 'delta' }, [
      { time: at(0), value: null, count: '2', sum: 10 },
      { time: at(5), value: null, count: '4', sum: 40 },
      { time: at(9), value: null, count: '0', sum: 0 },
    ]);
    expect(plotData(series, 'average').values).toEqual([5, 10, null]);
  });
});

describe('viewsOf', () => {
  it('offers a rate only of what counts up', () => {
    expect(viewsOf({ type: 'gauge' })).toEqual(['value']);
    expect(viewsOf({ type: 'sum', monotonic: false })).toEqual(['value']);
    expect(viewsOf({ type: 'sum', monotonic: true })).toEqual(['value', 'rate']);
    expect(viewsOf({ type: 'summary' })).toEqual(['average', 'count', 'rate']);
  });
});
