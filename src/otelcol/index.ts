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
