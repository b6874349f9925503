import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { benchLogs } from './bench-logs.ts';
import { benchMetrics } from './bench-metrics.ts';
import { benchTraces } from './bench-traces.ts';
import type { Shape, ShapeOptions } from './shape.ts';
import { shopShape } from './shop.ts';
import { simpleShape } from './simple.ts';

/** Every payload shape by name; `tN` is N spans a request, `t40` means 40 attributes a span. */
export const SHAPES = {
  simple: simpleShape,
  shop: shopShape,
  t1: { traces: benchTraces({ spansPerRequest: 1, attributesPerSpan: 10 }) },
  t10: { traces: benchTraces({ spansPerRequest: 10, attributesPerSpan: 10 }) },
  t100: { traces: benchTraces({ spansPerRequest: 100, attributesPerSpan: 10 }) },
  't40-100': { traces: benchTraces({ spansPerRequest: 100, attributesPerSpan: 40 }) },
  'metrics-100': { metrics: benchMetrics(100) },
  'logs-100': { logs: benchLogs(100) },
} as const satisfies Record<string, Shape>;

export type ShapeName = keyof typeof SHAPES;
export const SHAPE_NAMES = Object.keys(SHAPES) as readonly ShapeName[];

export function isShapeName(name: string): name is ShapeName {
  return Object.hasOwn(SHAPES, name);
}

/** The signals a shape can send. */
export function shapeSignals(name: ShapeName): readonly Signal[] {
  return SIGNALS.filter((signal) => signal in SHAPES[name]);
}

/** Templates of a shape for a signal; undefined when the shape does not have that signal. */
export function shapeTemplates(name: ShapeName, signal: Signal, options: ShapeOptions) {
  const shape: Shape = SHAPES[name];
  return shape[signal]?.(options);
}
