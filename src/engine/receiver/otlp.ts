import type { ComponentId } from '../../otelcol/index.ts';
import { createOtlpServer, GRPC_CODE, type OtlpRequest, type OtlpResponse, type OtlpServer } from '../../otlp/index.ts';
import { ITEM_NOUN } from '../../pdata/index.ts';
import type { Verdict } from '../batch.ts';
import { defineReceiver, type ReceiverContext } from '../component.ts';
import { createListening } from './listeners.ts';
import {
  type Accepts,
  acceptsOf,
  authenticatorOf,
  checkOtlpReceiver,
  OtlpReceiverConfig,
  type ProtocolName,
  type Protocols,
} from './otlp-settings.ts';
import { createReceiverTelemetry, type ReceiverTelemetry } from './telemetry.ts';

const PIPELINE_KIND = { traces: 'TracePipeline', metrics: 'MetricPipeline', logs: 'LogPipeline' } as const;

/** OTLP over gRPC and HTTP; every port speaks both, whichever protocol it was opened for. */
export const otlpReceiver = defineReceiver({
  schema: OtlpReceiverConfig,
  check: checkOtlpReceiver,
  create(settings, context) {
    const protocols = settings.protocols ?? {};
    const telemetry = createReceiverTelemetry(context.deps.metrics, context.id);
    const createServer = (accepts: Accepts) =>
      createOtlpServer(
        {
          accepts,
          clock: context.deps.clock,
          borrows: (signal) => context.entries[signal]?.borrows === true,
          ...(context.onAttempt !== undefined && { onAttempt: context.onAttempt }),
          ...(context.sharing !== undefined && { sharing: context.sharing }),
        },
        (request) => handle(request, context, telemetry),
      );
    return createListening(serversOf(protocols, context, createServer), protocols, context);
  },
});

/**
 * One server for both protocols, since every port speaks both; one for each where they ask for different authentication, or
 * a sender could choose the protocol that asks for less.
 */
function serversOf(
  protocols: Protocols,
  context: ReceiverContext,
  createServer: (accepts: Accepts) => OtlpServer,
): Readonly<Record<ProtocolName, OtlpServer>> {
  const { grpc = protocols.http, http = protocols.grpc } = protocols;
  const guardedBy = (name: ComponentId | undefined) =>
    createServer(acceptsOf(protocols, authenticatorOf(name, context)));
  const names = [grpc?.auth?.authenticator, http?.auth?.authenticator] as const;
  const server = guardedBy(names[0]);
  return { grpc: server, http: names[0] === names[1] ? server : guardedBy(names[1]) };
}

function handle(
  request: OtlpRequest,
  { entries, advise }: ReceiverContext,
  telemetry: ReceiverTelemetry,
): OtlpResponse | Promise<OtlpResponse> {
  const { signal, bytes, itemCount, metadata, peerAddress: peer } = request;
  const entry = entries[signal];
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
  const verdict = entry.consume({
    signal,
    bytes,
    itemCount,
    acknowledged: false,
    peer,
    ...(metadata !== undefined && { metadata }),
  });
  const answer = (decided: Verdict) => {
    telemetry.count(request, decided);
    return respond(decided, () => advise?.(signal));
  };
  return verdict instanceof Promise ? verdict.then(answer) : answer(verdict);
}

const OK: OtlpResponse = { status: 'ok' };

/** As the Collector answers: with the code of the backend that answered; else UNAVAILABLE for what may be tried again, INTERNAL for what may not. */
function respond(verdict: Verdict, advice: () => string | undefined): OtlpResponse {
  if (verdict.status === 'accepted') {
    const message = advice();
    return message === undefined ? OK : { status: 'ok', partial: { rejectedCount: 0, message } };
  }
  const { message, afterMs, code } = verdict;
  if (!verdict.retryable) return { status: 'error', code: code ?? GRPC_CODE.internal, message };
  return { status: 'error', code: code ?? GRPC_CODE.unavailable, message, retryAfterMs: afterMs };
}
