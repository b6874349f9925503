import type { Signal } from '../pdata/index.ts';
import type { Distribution } from './distribution.ts';

/** Names of the workloads of which there is one in a topology; that of a dispatcher has its pipeline in it. */
export const GATEWAY = 'otlp-gateway';
export const ROUTER = 'otlp-router';
export const ENTRY = 'otlp-entry';
export const GATEWAYS: Readonly<Record<Signal, string>> = {
  traces: 'trace-gateway',
  metrics: 'metric-gateway',
  logs: 'log-gateway',
};

/**
 * What a workload that may have queues on disk is called. In a cluster the engine's have names of their own: no program reads
 * the queues of the other, so what a Collector has left is drained where it is, beside the workload that takes its place.
 */
export function workloadName(name: string, { name: program }: Pick<Distribution, 'name'>, inCluster: boolean): string {
  return inCluster && program === 'sluice' ? name.replace('-', ENGINE) : name;
}

/** What a workload was called before its program, and whether that is the engine. */
export function plainName(name: string): { readonly name: string; readonly isOfEngine: boolean } {
  const isOfEngine = /^[a-z]+-engine-/.test(name);
  return { name: isOfEngine ? name.replace(ENGINE, '-') : name, isOfEngine };
}

const ENGINE = '-engine-';
