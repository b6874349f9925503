export {
  type ComponentConfig,
  type ComponentId,
  componentId,
  componentType,
  type OtelcolConfig,
  type PipelineConfig,
  type PipelineId,
  pipelineId,
  pipelineSignal,
} from './config.ts';
export { encodeEnvValue, envRef, resolveEnvRefs } from './env-ref.ts';
export { type LoadedConfig, loadConfig } from './load.ts';
export { maskedSettings } from './masked-settings.ts';
export { writeYaml } from './write-yaml.ts';
