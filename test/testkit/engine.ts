import {
  type Batch,
  createEngine,
  type Engine,
  type EngineDeps,
  type EngineListener,
  type EngineOptions,
  type Exporter,
  type ExporterFactory,
} from '../../src/engine/index.ts';
import { settingsObject } from '../../src/engine/settings/schema.ts';
import { type Account, sumRows } from '../../src/flow/index.ts';
import { type Clock, MetricsRegistry, systemClock } from '../../src/lib/index.ts';
import type { OtelcolConfig } from '../../src/otelcol/index.ts';
import { createOtlpHttpClient, type ExportOutcome, GRPC_CODE } from '../../src/otlp/index.ts';
import type { Signal } from '../../src/pdata/index.ts';
import { decodeRequest, encodeRequest, itemsOf } from './otlp-proto.ts';

/** Lines an engine logged. */
export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface TestDeps extends EngineDeps {
  readonly lines: LogLine[];
}

/** The world of an engine under test: jitter always in the middle, the log in memory. */
export function testDeps(clock: Clock = systemClock): TestDeps {
  const lines: LogLine[] = [];
  const at =
    (level: LogLine['level']) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ level, message, fields });
    };
  const log = { info: at('info'), warn: at('warn'), error: at('error') };
  return { clock, random: () => 0.5, metrics: new MetricsRegistry(), log, lines };
}

const INIT: Readonly<Record<Signal, (names: readonly string[]) => Readonly<Record<string, unknown>>>> = {
  traces: (names) => ({
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: names.map((name) => ({
              name,
              spanId: new Uint8Array(8).fill(1),
              traceId: new Uint8Array(16).fill(2),
            })),
          },
        ],
      },
    ],
  }),
  logs: (names) => ({ resourceLogs: [{ scopeLogs: [{ logRecords: names.map((eventName) => ({ eventName })) }] }] }),
  metrics: (names) => ({
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: names.map((name) => ({
              name,
              data: { case: 'gauge', value: { dataPoints: [{ value: { case: 'asInt', value: 1n } }] } },
            })),
          },
        ],
      },
    ],
  }),
};

/** A request with one item per name: the name of its span or metric, or the event name of its log record. */
export function requestOf(names: readonly string[], signal: Signal = 'traces'): Uint8Array {
  return encodeRequest(signal, INIT[signal](names));
}

export function batchOf(
  names: readonly string[],
  { signal = 'traces', acknowledged = false }: { signal?: Signal; acknowledged?: boolean } = {},
): Batch {
  return { signal, bytes: requestOf(names, signal), itemCount: names.length, acknowledged };
}

/** Names of the items of a request, in order. */
export function namesOf({ signal, bytes }: Pick<Batch, 'signal' | 'bytes'>): string[] {
  const request = decodeRequest(signal, bytes);
  if (signal === 'metrics') {
    const scopes = request['resourceMetrics'].flatMap((resource: { scopeMetrics: unknown[] }) => resource.scopeMetrics);
    return scopes.flatMap((scope: { metrics: { name: string }[] }) => scope.metrics.map((metric) => metric.name));
  }
  return itemsOf(signal, request).map((item) => String(item[signal === 'logs' ? 'eventName' : 'name']));
}

export const DELIVERED: ExportOutcome = { status: 'delivered', rejectedCount: 0 };
export const UNAVAILABLE: ExportOutcome = { status: 'retryable', failure: { kind: 'unavailable', message: 'not now' } };
export const REJECTED: ExportOutcome = {
  status: 'permanent',
  code: GRPC_CODE.invalidArgument,
  failure: { kind: 'rejected', message: 'not this' },
};
export const TOO_LARGE: ExportOutcome = { status: 'permanent', failure: { kind: 'too_large', message: 'too much' } };

/** A backend in memory. `answer` decides on every try; a promise keeps the try under way. */
export interface TestBackend {
  readonly exporter: Exporter;
  /** Batches of all tries, in order. */
  readonly tries: readonly Batch[];
  /** Names of items that were answered with `delivered`. */
  readonly taken: readonly string[];
  answer: (batch: Batch) => ExportOutcome | Promise<ExportOutcome>;
}

export function createTestBackend(settings: Pick<Exporter, 'queue' | 'retry' | 'ordered'> = {}): TestBackend {
  const tries: Batch[] = [];
  const taken: string[] = [];
  const note = (batch: Batch, outcome: ExportOutcome): ExportOutcome => {
    if (outcome.status === 'delivered') taken.push(...namesOf(batch));
    return outcome;
  };
  const backend: TestBackend = {
    tries,
    taken,
    answer: () => DELIVERED,
    exporter: {
      destination: 'memory',
      ...settings,
      send(batch) {
        tries.push(batch);
        const outcome = backend.answer(batch);
        return outcome instanceof Promise ? outcome.then((settled) => note(batch, settled)) : note(batch, outcome);
      },
    },
  };
  return backend;
}

/** Makes a backend an exporter type of its own, for `EngineOptions.exporters`. */
export function exporterType(backend: TestBackend): ExporterFactory {
  return { schema: settingsObject({}), create: () => backend.exporter };
}

/** A configuration from its interesting parts, with an otlp receiver on free ports. */
export function configOf(parts: {
  readonly processors?: Readonly<Record<string, unknown>>;
  readonly connectors?: Readonly<Record<string, unknown>>;
  readonly exporters: Readonly<Record<string, unknown>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly pipelines: Readonly<
    Record<
      string,
      {
        readonly receivers?: readonly string[];
        readonly processors?: readonly string[];
        readonly exporters: readonly string[];
      }
    >
  >;
  readonly telemetry?: Readonly<Record<string, unknown>>;
}): OtelcolConfig {
  const pipelines = Object.entries(parts.pipelines).map(([id, pipeline]) => [
    id,
    { receivers: ['otlp'], processors: [], ...pipeline },
  ]);
  return {
    receivers: { otlp: { protocols: { grpc: { endpoint: '127.0.0.1:0' }, http: { endpoint: '127.0.0.1:0' } } } },
    processors: parts.processors ?? {},
    connectors: parts.connectors ?? {},
    exporters: parts.exporters,
    extensions: parts.extensions ?? {},
    service: {
      extensions: Object.keys(parts.extensions ?? {}),
      pipelines: Object.fromEntries(pipelines),
      ...(parts.telemetry !== undefined && { telemetry: parts.telemetry }),
    },
  } as unknown as OtelcolConfig;
}

export interface TestEngine {
  readonly engine: Engine;
  readonly deps: TestDeps;
  readonly listeners: readonly EngineListener[];
  url(protocol: string): string;
  /** Sends one request over OTLP/HTTP; the outcome as a sender sees it. */
  send(names: readonly string[], signal?: Signal): Promise<ExportOutcome>;
  /** Stops the engine and asserts that it accounts for every item and holds none. */
  stop(options?: { readonly graceMs: number }): Promise<void>;
}

export async function startTestEngine(
  config: OtelcolConfig,
  options: EngineOptions & { readonly deps?: TestDeps } = {},
): Promise<TestEngine> {
  const deps = options.deps ?? testDeps();
  const engine = createEngine(config, deps, options);
  const { listeners } = await engine.start();
  const url = (protocol: string) => {
    const { port } = listeners.find((listener) => listener.protocol === protocol)!;
    return `http://127.0.0.1:${port}`;
  };
  const client = createOtlpHttpClient({
    endpoint: url('http'),
    headers: {},
    compression: 'none',
    encoding: 'proto',
    clock: systemClock,
  });
  return {
    engine,
    deps,
    listeners,
    url,
    send: (names, signal = 'traces') =>
      client.export(signal, requestOf(names, signal), { signal: AbortSignal.timeout(10_000) }),
    async stop({ graceMs } = { graceMs: 2000 }) {
      await client.close();
      await engine.shutdown({ graceMs });
      assertDrained(engine);
    },
  };
}

/** Every item of every pipeline is accounted for; holds at any moment. */
export function assertBalanced(engine: Engine): void {
  for (const { id, ledger } of engine.snapshot().pipelines) {
    if (ledger.unaccounted !== 0)
      throw new Error(`pipeline ${id} does not account for ${ledger.unaccounted} items: ${JSON.stringify(ledger)}`);
  }
}

/** And none is held any more. */
function assertDrained(engine: Engine): void {
  assertBalanced(engine);
  for (const { id, ledger, exporters } of engine.snapshot().pipelines) {
    const heldBytes = exporters.reduce((sum, exporter) => sum + exporter.queueBytes, 0);
    if (ledger.queued !== 0 || heldBytes !== 0)
      throw new Error(`pipeline ${id} still holds ${ledger.queued} items, ${heldBytes} bytes`);
  }
}

/** The same for accounts of parts that are tested without an engine. */
export function assertAccounts(accounts: readonly Account[], { drained }: { readonly drained: boolean }): void {
  const row = sumRows(accounts);
  if (row.unaccounted !== 0 || (drained && row.queued !== 0))
    throw new Error(`accounts do not balance: ${JSON.stringify(row)}`);
}
