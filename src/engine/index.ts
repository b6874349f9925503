export { ACCEPTED, type Batch, type Consumer, type Verdict } from './batch.ts';
export type {
  ComponentContext,
  EngineDeps,
  EngineListener,
  EngineLog,
  Exporter,
  ExporterContext,
  ExporterFactory,
} from './component.ts';
export { checkEngineConfig, createEngine, type Engine, type EngineOptions } from './engine.ts';
