export { describeFlow, flowNodeId } from './diagram/describe.ts';
export { drawDot } from './diagram/dot.ts';
export { onlyPipelines, pipelineKey } from './diagram/lanes.ts';
export { drawMermaid } from './diagram/mermaid.ts';
export { drawSvg } from './diagram/svg.ts';
export { drawTree } from './diagram/tree.ts';
export { renderOtelcol } from './otelcol/render-otelcol.ts';
export type { RenderedConfig, RenderedPipeline, RenderOptions } from './otelcol/rendered-config.ts';
export { describeSecret, renderedYaml } from './otelcol/rendered-yaml.ts';
