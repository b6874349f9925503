import type { Signal } from '../pdata/index.ts';

/** Names of the workloads of which there is one in a topology; that of a dispatcher has its pipeline in it. */
export const GATEWAY = 'otlp-gateway';
export const ROUTER = 'otlp-router';
export const ENTRY = 'otlp-entry';
export const GATEWAYS: Readonly<Record<Signal, string>> = {
  traces: 'trace-gateway',
  metrics: 'metric-gateway',
  logs: 'log-gateway',
};
