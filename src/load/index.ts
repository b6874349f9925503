export {
  createGenerator,
  type Generator,
  type GeneratorDeps,
  type GeneratorOptions,
  type SettledRequest,
} from './generator.ts';
export type { GeneratorReport } from './generator-report.ts';
export { runOfSeed } from './identity.ts';
export { createRandom, type Random } from './random.ts';
export { isShapeName, SHAPE_NAMES, type ShapeName, shapeSignals } from './shape/index.ts';
export {
  createSink,
  defaultSinkPort,
  describeSinkMode,
  parseSinkMode,
  SINK_MODE_SYNTAX,
  type Sink,
  type SinkMode,
  type SinkOptions,
  type SinkStats,
  serveSinkControl,
  totalStats,
} from './sink/index.ts';
