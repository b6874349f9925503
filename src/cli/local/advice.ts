import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { viewerGraph } from '../../pipeline/index.ts';
import type { Advice } from './deployment.ts';
import type { Generation } from './generation.ts';

/** Senders of data that only the UI shows are told so. */
export function adviceOf({ builtIn, pipelines }: Generation): Advice {
  if (builtIn) return {};
  const lacking = SIGNALS.filter((signal) => !pipelines.some(({ version }) => version.graph.signal === signal));
  return Object.fromEntries(lacking.map((signal) => [signal, adviceFor(signal)]));
}

const INIT_WORD: Readonly<Record<Signal, string>> = { traces: 'trace', metrics: 'metric', logs: 'log' };
const NOUN: Readonly<Record<Signal, string>> = { traces: 'spans', metrics: 'metrics', logs: 'logs' };

function adviceFor(signal: Signal): string {
  const { kind } = viewerGraph(signal);
  return `no ${kind} is running; only the UI shows these ${NOUN[signal]}. Create one: sluice init ${INIT_WORD[signal]}`;
}
