import type { FlowGraph, FlowPipelineRef } from '../../../src/flow/flow-graph.ts';
import type { Signal } from '../../../src/pdata/index.ts';

export const NODE_HEIGHT = 44;
/** From the upper edge of a lane to its nodes. */
export const NAME_HEIGHT = 24;
/** The name, the nodes, and a line of loss that is kept free whether anything is lost or not. */
const LANE_HEIGHT = 86;
const LANE_GAP = 6;

export const SIGNAL_ORDER: readonly Signal[] = ['traces', 'metrics', 'logs'];
const SIGNAL_OF_KIND = { TracePipeline: 'traces', MetricPipeline: 'metrics', LogPipeline: 'logs' } as const;

/** Reaches to the right edge of the picture. */
export interface Lane {
  readonly key: string;
  readonly title: string;
  readonly signal: Signal;
  readonly isBuiltIn: boolean;
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

export function pipelineKey({ kind, name }: FlowPipelineRef): string {
  return `${kind}/${name}`;
}

/** What shows data in the UI is no resource. */
export function laneTitle({ name, builtIn }: FlowPipelineRef): string {
  return builtIn ? `${name} (built in)` : name;
}

/** One lane a pipeline below each other, by signal and name. */
export function placeLanes(
  { nodes }: FlowGraph,
  { x, y }: { readonly x: number; readonly y: number },
): readonly Lane[] {
  const pipelines = new Map<string, FlowPipelineRef>();
  for (const { pipeline } of nodes) if (pipeline !== undefined) pipelines.set(pipelineKey(pipeline), pipeline);
  return [...pipelines]
    .map(([key, pipeline]) => ({ key, pipeline, signal: SIGNAL_OF_KIND[pipeline.kind] }))
    .sort(
      (a, b) =>
        SIGNAL_ORDER.indexOf(a.signal) - SIGNAL_ORDER.indexOf(b.signal) || (a.pipeline.name < b.pipeline.name ? -1 : 1),
    )
    .map(({ key, pipeline, signal }, index) => ({
      key,
      title: laneTitle(pipeline),
      signal,
      isBuiltIn: pipeline.builtIn === true,
      x,
      y: y + index * (LANE_HEIGHT + LANE_GAP),
      height: LANE_HEIGHT,
    }));
}
