export type { Batch } from './batch.ts';
export type { EngineDeps, EngineListener, EngineLog, Exporter, ExporterFactory } from './component.ts';
export { componentsPage } from './components-page.ts';
export { checkEngineConfig, createEngine, type Engine, type EngineOptions, type ReloadReport } from './engine.ts';
export { BACKEND_LOG } from './exporter/backend-state.ts';
export {
  type LetterFile,
  type LettersLeft,
  listLetterFiles,
  readLettersLeft,
  removeLetterFile,
  takeOut,
} from './exporter/dead-letters/folder.ts';
export type { DamagedPart, DeadLetter } from './exporter/dead-letters/letter.ts';
export { type ProbeOptions, probeExporter } from './probe.ts';
export { RULE_FAILED_LOG } from './processor/ottl-counts.ts';
export { nodeFiles, openDiskQueue } from './queue/disk/index.ts';
export { UNOWNED_LOG } from './service/exporter-pool.ts';
export { ottlEnvironment } from './settings/ottl-environment.ts';
