export { renderOtelcol } from './otelcol/render-otelcol.ts';
export type { BlockSource, RenderedConfig, RenderedPipeline, RenderOptions } from './otelcol/rendered-config.ts';
export { type RenderedYamlOptions, renderedYaml } from './otelcol/rendered-yaml.ts';
