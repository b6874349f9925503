import type { Static } from 'typebox';
import { Type } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import {
  createOtlpServer,
  defaultGrpcAccept,
  defaultHttpAccept,
  GRPC_CODE,
  type GrpcAccept,
  type HttpAccept,
  type OtlpRequest,
  type OtlpResponse,
  type OtlpServer,
} from '../../otlp/index.ts';
import { ITEM_NOUN } from '../../pdata/index.ts';
import type { Consumer, Verdict } from '../batch.ts';
import { defineReceiver, type Receiver, type ReceiverContext } from '../component.ts';
import { checkEndpoint, parseEndpoint } from '../settings/endpoint.ts';
import { Count, Duration, durationMs, settingsObject } from '../settings/schema.ts';
import { createReceiverTelemetry, type ReceiverTelemetry } from './telemetry.ts';

const OtlpReceiverConfig = settingsObject({
  protocols: settingsObject({
    grpc: settingsObject({
      endpoint: Type.String(),
      max_recv_msg_size_mib: Count,
      max_concurrent_streams: Count,
      keepalive: settingsObject({
        server_parameters: settingsObject({ max_connection_age: Duration, max_connection_age_grace: Duration }),
      }),
    }),
    http: settingsObject({
      endpoint: Type.String(),
      max_request_body_size: Count,
      traces_url_path: Type.String(),
      metrics_url_path: Type.String(),
      logs_url_path: Type.String(),
    }),
  }),
});
type OtlpReceiverConfig = Static<typeof OtlpReceiverConfig>;
type Protocols = NonNullable<OtlpReceiverConfig['protocols']>;

/** Source: otlpreceiver factory.go at 0.149. */
const defaultEndpoint = { grpc: 'localhost:4317', http: 'localhost:4318' };

const PIPELINE_KIND = { traces: 'TracePipeline', metrics: 'MetricPipeline', logs: 'LogPipeline' } as const;

/** OTLP over gRPC and HTTP; every port speaks both, whichever protocol it was opened for. */
export const otlpReceiver = defineReceiver({
  schema: OtlpReceiverConfig,
  check: checkOtlpReceiver,
  create(settings, context) {
    const protocols = settings.protocols ?? {};
    const telemetry = createReceiverTelemetry(context.deps.metrics, context.id);
    const server = createOtlpServer(
      {
        accepts: { grpc: grpcAccept(protocols.grpc), http: httpAccept(protocols.http) },
        clock: context.deps.clock,
        ...(context.onAttempt !== undefined && { onAttempt: context.onAttempt }),
      },
      (request) => handle(request, context.entries[request.signal], telemetry),
    );
    return createListening(server, protocols, context);
  },
});

function checkOtlpReceiver({ protocols = {} }: OtlpReceiverConfig): Issue[] {
  const names = (['grpc', 'http'] as const).filter((name) => protocols[name] !== undefined);
  if (names.length === 0) {
    const message = '`protocols` must have grpc or http or both';
    return [{ code: 'SL0102', severity: 'error', message, path: ['protocols'], help: 'add `grpc:` or `http:`' }];
  }
  return names.flatMap((name) => checkEndpoint(protocols[name]!.endpoint, ['protocols', name, 'endpoint']));
}

function grpcAccept(grpc: Protocols['grpc'] = {}): GrpcAccept {
  const age = grpc.keepalive?.server_parameters;
  const sizeMib = grpc.max_recv_msg_size_mib ?? 0;
  return {
    ...defaultGrpcAccept,
    ...(sizeMib > 0 && { maxRecvMsgSizeBytes: sizeMib * 2 ** 20 }),
    ...(grpc.max_concurrent_streams && { maxConcurrentStreams: grpc.max_concurrent_streams }),
    maxConnectionAgeMs: durationMs(age?.max_connection_age, 0),
    maxConnectionAgeGraceMs: durationMs(age?.max_connection_age_grace, 0),
  };
}

function httpAccept(http: Protocols['http'] = {}): HttpAccept {
  const path = (text: string | undefined, other: string) =>
    text === undefined ? other : text.startsWith('/') ? text : `/${text}`;
  return {
    maxRequestBodySizeBytes: http.max_request_body_size || defaultHttpAccept.maxRequestBodySizeBytes,
    tracesPath: path(http.traces_url_path, defaultHttpAccept.tracesPath),
    metricsPath: path(http.metrics_url_path, defaultHttpAccept.metricsPath),
    logsPath: path(http.logs_url_path, defaultHttpAccept.logsPath),
  };
}

function createListening(server: OtlpServer, protocols: Protocols, { id }: ReceiverContext): Receiver {
  return {
    async start() {
      const listeners = [];
      for (const protocol of ['grpc', 'http'] as const) {
        const settings = protocols[protocol];
        if (settings === undefined) continue;
        const address = await server.listen(parseEndpoint(settings.endpoint ?? defaultEndpoint[protocol]));
        listeners.push({ component: id, protocol, ...address });
      }
      return listeners;
    },
    shutdown: (graceMs) => server.shutdown({ graceMs }),
  };
}

function handle(
  request: OtlpRequest,
  entry: Consumer | undefined,
  telemetry: ReceiverTelemetry,
): OtlpResponse | Promise<OtlpResponse> {
  const { signal, bytes, itemCount } = request;
  if (entry === undefined) {
    const kind = PIPELINE_KIND[signal];
    const what = `${itemCount} ${ITEM_NOUN[signal].people} not taken, no ${kind} is running`;
    return {
      status: 'error',
      code: GRPC_CODE.unimplemented,
      message: `${what}. Create one: sluice init ${signal.slice(0, -1)}`,
    };
  }
  if (itemCount === 0) return { status: 'ok' };
  const verdict = entry.consume({ signal, bytes, itemCount, acknowledged: false });
  const answer = (decided: Verdict) => {
    telemetry.count(request, decided);
    return respond(decided);
  };
  return verdict instanceof Promise ? verdict.then(answer) : answer(verdict);
}

const OK: OtlpResponse = { status: 'ok' };

/** As the Collector answers: what may be tried again is UNAVAILABLE, what may not is INTERNAL. */
function respond(verdict: Verdict): OtlpResponse {
  if (verdict.status === 'accepted') return OK;
  const { message, afterMs } = verdict;
  if (!verdict.retryable) return { status: 'error', code: GRPC_CODE.internal, message };
  return { status: 'error', code: GRPC_CODE.unavailable, message, retryAfterMs: afterMs };
}
