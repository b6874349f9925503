import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { assertNever } from '../../src/lib/index.ts';
import { type Capture, startCapture } from '../testkit/capture.ts';
import { startOtelcol, startSluiceEngine } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';
import { requestToOtlpJson } from '../testkit/otlp-json.ts';
import { decodeRequest } from '../testkit/otlp-proto.ts';
import type { RunningProcess } from '../testkit/process.ts';
import { GRPC_METHOD, type HttpAnswer, sendGrpc, sendHttp } from '../testkit/senders.ts';
import { becomesTrue } from '../testkit/wait-for.ts';
import { type DescribedAnswer, describeGrpcAnswer, describeHttpAnswer, NO_ANSWER } from './answers.ts';
import type { Addresses, DifferentialCase, Step, Via } from './case.ts';
import type { Input } from './inputs.ts';
import { attemptsFacet, batchesFacet, itemsFacet, linesOf, type Observation, requestsFacet } from './observation.ts';
import { comparedValues, seriesNames } from './self-metrics.ts';

export type PeerName = 'otelcol' | 'sluice';

const START: Readonly<Record<PeerName, (configYaml: string) => Promise<RunningProcess>>> = {
  otelcol: startOtelcol,
  sluice: startSluiceEngine,
};

const SETTLE_MS = 8_000;
/** Long enough for an exporter to send what must not be sent. */
const QUIET_MS = 150;

/** The engine's exit code names the signal that stopped it, as a shell would. */
const CLEAN_EXIT: Readonly<Record<PeerName, readonly (number | null)[]>> = { otelcol: [0], sluice: [0, 143] };

/** The naming of the reader that a Collector has when none is configured; the engine has no other. */
const READER = { host: '127.0.0.1', without_scope_info: true, without_units: true, without_type_suffix: true };

interface Ports {
  readonly grpc: number;
  readonly http: number;
  readonly health: number;
  readonly metrics: number;
}

/** Starts the peer on the case's configuration, sends every step, stops it and tells what it did. */
export async function runCase(peer: PeerName, subject: DifferentialCase): Promise<Observation> {
  const capture = await startCapture(subject.backendTls === undefined ? {} : { tls: subject.backendTls });
  capture.script(subject.script ?? []);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-differential-'));
  try {
    const [grpc, http, health, metrics] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    const ports = { grpc, http, health, metrics };
    const running = await START[peer](configYaml(subject, ports, capture, folder));
    try {
      return await observe(peer, subject, ports, capture, running);
    } finally {
      await running.stop();
    }
  } finally {
    await capture.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function observe(
  peer: PeerName,
  subject: DifferentialCase,
  ports: Ports,
  capture: Capture,
  running: RunningProcess,
): Promise<Observation> {
  const answers: NamedAnswer[] = [];
  for (const step of subject.steps) {
    const answer = await perform(step, ports);
    if (answer !== undefined) answers.push(answer);
  }
  const options = { exact: subject.exact ?? false };
  const itemCount = () => capture.accepted().reduce((sum, request) => sum + linesOf(request, options).length, 0);
  if (subject.flushedByStop !== true) {
    await becomesTrue(() => itemCount() >= subject.expectedItems, { timeoutMs: SETTLE_MS });
  }
  await delay(subject.quietMs ?? QUIET_MS);
  const metricsText = await (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text();
  const exit = await running.stop();
  if (!CLEAN_EXIT[peer].includes(exit.code))
    throw new Error(`ended with ${exit.code ?? exit.signal}: ${running.stderr().slice(-2_000)}`);
  return {
    answers: answers.map(({ name, status }) => `${name}: ${status}`),
    delays: answers.filter(({ hasDelay }) => hasDelay).map(({ name }) => `${name}: told when to try again`),
    items: itemsFacet(capture.accepted(), options),
    batches: batchesFacet(capture.accepted()),
    requests: requestsFacet(capture.requests),
    attempts: attemptsFacet(capture.requests),
    selfMetrics: comparedValues(metricsText),
    seriesNames: seriesNames(metricsText),
    stdout: running
      .stdout()
      .split('\n')
      .filter((line) => line !== ''),
  };
}

function configYaml(subject: DifferentialCase, ports: Ports, capture: Capture, folder: string): string {
  const address = (port: number) => `127.0.0.1:${port}`;
  const addresses: Addresses = {
    grpc: address(ports.grpc),
    http: address(ports.http),
    health: address(ports.health),
    backendGrpc: address(capture.grpcPort),
    backendHttp: `http://${address(capture.httpPort)}`,
    folder,
  };
  const { receiver = {}, pipelines, extensions = {}, ...components } = subject.config(addresses);
  const protocols = {
    grpc: { endpoint: addresses.grpc, ...receiver.grpc },
    http: { endpoint: addresses.http, ...receiver.http },
  };
  const withReceiver = Object.entries(pipelines).map(([id, parts]) => [id, { receivers: ['otlp'], ...parts }]);
  // JSON is YAML.
  return JSON.stringify({
    receivers: { otlp: { protocols } },
    ...components,
    extensions,
    service: {
      extensions: Object.keys(extensions),
      pipelines: Object.fromEntries(withReceiver),
      telemetry: {
        metrics: { readers: [{ pull: { exporter: { prometheus: { port: ports.metrics, ...READER } } } }] },
      },
    },
  });
}

interface NamedAnswer extends DescribedAnswer {
  readonly name: string;
}

/** Carries out one step; undefined when it asks nothing. */
async function perform(step: Step, ports: Ports): Promise<NamedAnswer | undefined> {
  switch (step.kind) {
    case 'wait':
      await delay(step.ms);
      return undefined;
    case 'input':
      return { name: describeVia(step.via), ...(await sendInput(step.input, step.via, ports).catch(() => NO_ANSWER)) };
    case 'grpc':
      return { name: step.name, ...describeGrpcAnswer(await sendGrpc(ports.grpc, step)) };
    case 'http':
      return { name: step.name, ...describeHttp(await sendHttp(ports[step.to ?? 'http'], step), step.answerHeaders) };
    default:
      return assertNever(step);
  }
}

function describeVia({ protocol, encoding = 'protobuf', compression = 'identity' }: Via): string {
  return `${protocol} ${encoding} ${compression}`;
}

function describeHttp(answer: HttpAnswer, headers: readonly string[] = []): DescribedAnswer {
  const described = describeHttpAnswer(answer);
  const shown = headers.map((name) => `${name}: ${answer.headers[name] ?? 'none'}`);
  return { ...described, status: [described.status, ...shown].join(', ') };
}

const COMPRESS = { identity: (body: Uint8Array) => body, gzip: gzipSync, zstd: zstdCompressSync } as const;

async function sendInput({ signal, bytes }: Input, via: Via, ports: Ports): Promise<DescribedAnswer> {
  const json = via.encoding === 'json';
  const plain = json ? Buffer.from(JSON.stringify(requestToOtlpJson(signal, decodeRequest(signal, bytes)))) : bytes;
  const compression = via.compression ?? 'identity';
  const body = COMPRESS[compression](plain);
  const encoding = compression === 'identity' ? undefined : compression;
  const { headers: own, tls } = via;
  const extras = { ...(own !== undefined && { headers: own }), ...(tls !== undefined && { tls }) };
  if (via.protocol === 'grpc') {
    const send = { path: GRPC_METHOD[signal], message: body, ...(encoding === undefined ? {} : { encoding }) };
    return describeGrpcAnswer(await sendGrpc(ports.grpc, { ...send, ...extras }), signal);
  }
  const headers = {
    'content-type': json ? 'application/json' : 'application/x-protobuf',
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    ...own,
  };
  return describeHttpAnswer(await sendHttp(ports.http, { path: `/v1/${signal}`, body, ...extras, headers }), signal);
}
