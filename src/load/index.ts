export { createGenerator, type Generator, type GeneratorOptions } from './generator.ts';
export type { GeneratorReport } from './generator-report.ts';
export { isShapeName, SHAPE_NAMES, type ShapeName, shapeSignals } from './shape/index.ts';
export {
  createSink,
  defaultSinkPort,
  describeSinkMode,
  formatSinkMode,
  parseSinkMode,
  SINK_MODE_SYNTAX,
  type Sink,
  type SinkControl,
  type SinkMode,
  type SinkOptions,
  type SinkSignalStats,
  type SinkStats,
  serveSinkControl,
  totalStats,
} from './sink/index.ts';
