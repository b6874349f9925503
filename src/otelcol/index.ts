export { componentIdProblem } from './component-id.ts';
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
export { EnvRef, encodeEnvValue, envRef, resolveEnvRefs } from './env-ref.ts';
export { type LoadConfigOptions, type LoadedConfig, loadConfig } from './load.ts';
export { type WriteYamlOptions, writeYaml } from './write-yaml.ts';
