export { describeFlow, flowNodeId } from './diagram/describe.ts';
export { renderOtelcol } from './otelcol/render-otelcol.ts';
export type { RenderedConfig, RenderedPipeline, RenderOptions } from './otelcol/rendered-config.ts';
export { renderedYaml } from './otelcol/rendered-yaml.ts';
