import { configureTextEncoding, getTextEncoding } from '@bufbuild/protobuf/wire';
import { checkEngineConfig, createEngine } from '../../../src/engine/index.ts';
import type { OtelcolConfig } from '../../../src/otelcol/index.ts';
import { SIGNALS, type Signal } from '../../../src/pdata/index.ts';
import { type Capture, startCapture } from '../../testkit/capture.ts';
import { startOtelcol } from '../../testkit/collector-process.ts';
import { testDeps } from '../../testkit/engine.ts';
import { freePort } from '../../testkit/free-port.ts';
import { decodeRequest } from '../../testkit/otlp-proto.ts';
import { sendHttp } from '../../testkit/senders.ts';
import { itemLines } from '../canonical.ts';
import type { OttlCase } from './case.ts';
import { corpusOf, generatedCorpus } from './corpus.ts';

/** What one peer made of the corpus: the answer to each request, and the items that came out, in order. */
export interface Outcome {
  readonly answers: readonly string[];
  readonly items: readonly string[];
}

const GENERATED = 12;

/** Text that is no UTF-8 is compared as its bytes, which a decoder would replace. */
function tellBytesApart(): void {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  configureTextEncoding({
    ...getTextEncoding(),
    decodeUtf8(bytes) {
      try {
        return strict.decode(bytes);
      } catch {
        return `bytes ${Buffer.from(bytes).toString('hex')}`;
      }
    },
  });
}

/** A pipeline for each case, which a header of the request chooses. */
export function configOf(cases: readonly OttlCase[], ports: { readonly http: number; readonly backend: string }) {
  const signals = SIGNALS.filter((signal) => cases.some((one) => one.signal === signal));
  const processors: Record<string, object> = {};
  const connectors: Record<string, object> = {};
  const pipelines: Record<string, object> = {};
  for (const signal of signals) {
    const table: object[] = [];
    for (const [index, one] of cases.entries()) {
      if (one.signal !== signal) continue;
      const stages = [one, ...(one.behind ?? [])].map((stage, at) => ({
        id: `${stage.processor}/${index}_${at}`,
        stage,
      }));
      for (const { id, stage } of stages) processors[id] = stage.settings;
      pipelines[`${signal}/${index}`] = {
        receivers: [`routing/${signal}`],
        processors: stages.map(({ id }) => id),
        exporters: ['otlp_http'],
      };
      const condition = `request["X-Case"] == "${index}"`;
      table.push({ context: 'request', condition, pipelines: [`${signal}/${index}`] });
    }
    connectors[`routing/${signal}`] = { table };
    pipelines[`${signal}/in`] = { receivers: ['otlp'], processors: [], exporters: [`routing/${signal}`] };
  }
  const endpoint = `127.0.0.1:${ports.http}`;
  return {
    receivers: { otlp: { protocols: { http: { endpoint, include_metadata: true } } } },
    processors,
    connectors,
    exporters: {
      otlp_http: {
        endpoint: ports.backend,
        compression: 'none',
        sending_queue: { enabled: false },
        retry_on_failure: { enabled: false },
      },
    },
    extensions: {},
    service: { extensions: [], pipelines, telemetry: { logs: { level: 'error' }, metrics: { level: 'none' } } },
  };
}

/** Sends the corpus to every case's pipeline, one request after the other. */
async function observe(cases: readonly OttlCase[], port: number, capture: Capture): Promise<Outcome[]> {
  tellBytesApart();
  const requests = new Map<string, readonly Uint8Array[]>();
  const corpus = (signal: Signal, generated: boolean) => {
    const key = `${signal} ${generated}`;
    let made = requests.get(key);
    if (made === undefined) {
      made = generated ? generatedCorpus(signal, GENERATED) : [corpusOf(signal)];
      requests.set(key, made);
    }
    return made;
  };
  const outcomes: Outcome[] = [];
  for (const [index, { signal, corpus: kind, unordered = false }] of cases.entries()) {
    const headers = { 'content-type': 'application/x-protobuf', 'x-case': String(index) };
    const from = capture.requests.length;
    const answers: string[] = [];
    for (const body of corpus(signal, kind === 'generated')) {
      answers.push(await answerOf(sendHttp(port, { path: `/v1/${signal}`, body, headers })));
    }
    const items = capture.requests.slice(from).flatMap(({ body }) => linesOf(signal, body));
    outcomes.push({ answers, items: unordered ? items.map(sortKeys).sort() : items });
  }
  return outcomes;
}

/** Some statements make the Collector panic, which ends the connection. */
async function answerOf(sent: ReturnType<typeof sendHttp>): Promise<string> {
  try {
    return String((await sent).status);
  } catch {
    return 'none';
  }
}

/** An id of zeros is none: the Collector does not write it, the engine leaves it where nobody touched it. */
function linesOf(signal: Signal, body: Uint8Array): string[] {
  return itemLines(signal, decodeRequest(signal, body)).map((line) => line.replaceAll(ZERO_ID, ''));
}

const ZERO_ID = /,?"(?:traceId|spanId|parentSpanId)":"hex:0+"/g;

function sortKeys(line: string): string {
  return JSON.stringify(JSON.parse(line), (_, value) => {
    if (!Array.isArray(value) || !value.every((one) => typeof one?.key === 'string' || one?.value !== undefined))
      return value;
    return value.toSorted((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : (a.key ?? '') > (b.key ?? '') ? 1 : 0));
  });
}

export async function observeCollector(cases: readonly OttlCase[]): Promise<Outcome[]> {
  const capture = await startCapture();
  try {
    const http = await freePort();
    const backend = `http://127.0.0.1:${capture.httpPort}`;
    // JSON is YAML; what the Collector would expand stands for itself.
    const yaml = JSON.stringify(configOf(cases, { http, backend })).replaceAll('$', '$$$$');
    const running = await startOtelcol(yaml);
    try {
      return await observe(cases, http, capture);
    } finally {
      await running.stop();
    }
  } finally {
    await capture.stop();
  }
}

/** Undefined for a case that the engine refuses to run; `refusals` tells why. */
export interface EngineOutcomes {
  readonly outcomes: readonly (Outcome | undefined)[];
  readonly refusals: ReadonlyMap<number, string>;
}

export async function observeEngine(cases: readonly OttlCase[]): Promise<EngineOutcomes> {
  const refusals = refusalsOf(cases);
  const taken = cases.map((_, index) => index).filter((index) => !refusals.has(index));
  const outcomes: (Outcome | undefined)[] = cases.map(() => undefined);
  if (taken.length === 0) return { outcomes, refusals };
  const capture = await startCapture();
  try {
    const backend = `http://127.0.0.1:${capture.httpPort}`;
    const run = taken.map((index) => cases[index]!);
    const config = configOf(run, { http: 0, backend }) as unknown as OtelcolConfig;
    const engine = createEngine(config, testDeps());
    const { listeners } = await engine.start();
    try {
      const observed = await observe(run, listeners[0]!.port, capture);
      for (const [at, index] of taken.entries()) outcomes[index] = observed[at];
    } finally {
      await engine.shutdown({ graceMs: 1000 });
    }
  } finally {
    await capture.stop();
  }
  return { outcomes, refusals };
}

/** Why the engine does not run a case, by its number. */
export function refusalsOf(cases: readonly OttlCase[]): Map<number, string> {
  const config = configOf(cases, { http: 0, backend: 'http://127.0.0.1:1' }) as unknown as OtelcolConfig;
  const refusals = new Map<number, string>();
  for (const { path = [], message, severity } of checkEngineConfig(config)) {
    if (severity !== 'error') continue;
    const id = String(path[1]);
    if (path[0] !== 'processors') throw new Error(`the configuration of the cases is refused: ${message}`);
    refusals.set(Number.parseInt(id.slice(id.indexOf('/') + 1), 10), message);
  }
  return refusals;
}
