import type { Signal } from '../pdata/index.ts';

/** `type` or `type/name`, as the Collector writes component ids. */
export type ComponentId = string & { readonly __brand: 'ComponentId' };

/** `traces` or `traces/name`. */
export type PipelineId = string & { readonly __brand: 'PipelineId' };

/** A component's own settings, in the Collector's spelling; parsed by the component that reads them. */
export type ComponentConfig = { readonly [key: string]: unknown };

export interface PipelineConfig {
  readonly receivers: readonly ComponentId[];
  readonly processors: readonly ComponentId[];
  readonly exporters: readonly ComponentId[];
}

/**
 * A Collector configuration as data, in the shape and spelling of its YAML. User text in it is literal: `$` stands for
 * itself here, the YAML writer escapes it, the loader expands `${env:X}` and unescapes `$$`.
 */
export interface OtelcolConfig {
  readonly receivers: Readonly<Record<ComponentId, ComponentConfig>>;
  readonly processors: Readonly<Record<ComponentId, ComponentConfig>>;
  readonly connectors: Readonly<Record<ComponentId, ComponentConfig>>;
  readonly exporters: Readonly<Record<ComponentId, ComponentConfig>>;
  readonly extensions: Readonly<Record<ComponentId, ComponentConfig>>;
  readonly service: {
    readonly extensions: readonly ComponentId[];
    readonly pipelines: Readonly<Record<PipelineId, PipelineConfig>>;
    readonly telemetry?: ComponentConfig;
  };
}

export function componentId(type: string, name?: string): ComponentId {
  return (name === undefined ? type : `${type}/${name}`) as ComponentId;
}

export function componentType(id: ComponentId): string {
  const slash = id.indexOf('/');
  return slash < 0 ? id : id.slice(0, slash);
}

export function pipelineId(signal: Signal, name?: string): PipelineId {
  return (name === undefined ? signal : `${signal}/${name}`) as PipelineId;
}

export function pipelineSignal(id: PipelineId): Signal {
  const slash = id.indexOf('/');
  return (slash < 0 ? id : id.slice(0, slash)) as Signal;
}
