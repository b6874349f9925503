import type { LoadedResource, SecretKeyRef } from '../../apis/index.ts';
import { formatPath, type Issue } from '../../diagnostics/index.ts';
import type { BackendFailure } from '../../flow/index.ts';
import type { ExportOutcome } from '../../otlp/index.ts';
import type { OtlpExporterNode, PipelineGraph } from '../../pipeline/index.ts';
import { BACKEND_ADVICE, inPipelineWords } from '../../server/index.ts';
import { withoutAddress } from '../secret-address.ts';

/** What an empty request found out about a backend, as a finding at the line of its endpoint; undefined when all is well. */
export function backendIssue(graph: PipelineGraph, loaded: LoadedResource, outcome: ExportOutcome): Issue | undefined {
  if (outcome.status === 'delivered' || graph.exporter.type !== 'otlp') return undefined;
  const { failure } = outcome;
  const { exporter } = graph;
  const path = ['spec', 'output', 'otlp', 'endpoint', typeof exporter.endpoint === 'string' ? 'value' : 'valueFrom'];
  const { document } = loaded;
  const advice = BACKEND_ADVICE[failure.kind];
  return {
    code: advice.code,
    // Such a backend is there and lets the pipeline in; an empty request is a reason of its own to say no.
    severity: failure.kind === 'rejected' || failure.kind === 'throttled' ? 'warning' : 'error',
    message: `the backend of ${graph.kind} \`${graph.name}\` ${advice.phrase}`,
    path,
    span: document.spanOf(path) ?? document.nearestSpan(path),
    label: inPipelineWords(withoutEndpoint(failure.message, exporter)),
    help: helpFor(failure, exporter),
    notes: [`at \`${formatPath(path)}\``, ...notesFor(failure, exporter, graph)],
  };
}

function helpFor({ kind }: BackendFailure, exporter: OtlpExporterNode): string {
  switch (kind) {
    case 'protocol':
      return exporter.protocol === 'grpc'
        ? 'set `protocol: http`, or use the gRPC port of the backend, usually 4317'
        : 'set `protocol: grpc` for a gRPC port; after a 404, correct `path` or the path in the endpoint';
    case 'tls':
      return exporter.tls.insecure
        ? 'write https://, or use the plain-text port of the backend'
        : 'for a plain-text port set `tls: { insecure: true }` or write http://; else use its TLS port';
    case 'certificate':
      return 'trust its CA with `tls.ca`, correct the host of the endpoint, or renew the certificate';
    case 'credentials':
      return 'correct the headers or the `authentication` of the output';
    case 'dns':
      return 'correct the host name; names of Services resolve inside of their cluster only';
    case 'rejected':
      return 'the request was empty, and some backends refuse those: send real data to be sure';
    default: {
      const { help } = BACKEND_ADVICE[kind];
      return `${help.charAt(0).toLowerCase()}${help.slice(1).replace(/\.$/, '')}`;
    }
  }
}

function notesFor({ kind }: BackendFailure, exporter: OtlpExporterNode, graph: PipelineGraph): readonly string[] {
  if (kind === 'refused') return standIns(exporter, graph);
  if (kind === 'certificate') return exporter.tls.ca === undefined ? [] : refNotes('CA', exporter.tls.ca.from);
  if (kind !== 'credentials') return [];
  const { headers, oauth2 } = exporter;
  return [
    ...headers.flatMap(({ name, value }) =>
      value.from.length === 0 ? [`header \`${name}\` is sent`] : refNotes(`header \`${name}\``, value.from),
    ),
    ...(oauth2 === undefined ? [] : refNotes('client secret', oauth2.clientSecret.from)),
  ];
}

/** Only a backend on this machine gets a stand-in on its own port. */
function standIns({ endpoint }: OtlpExporterNode, { signal }: PipelineGraph): readonly string[] {
  const text = typeof endpoint === 'string' ? endpoint : '';
  const port = /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|\[::1\]):(\d+)/.exec(text)?.[1];
  if (port === undefined) return [];
  const jaeger = `docker run --rm -p ${port}:4317 -p 16686:16686 jaegertracing/jaeger`;
  return [`try: sluice sink --port ${port}`, ...(signal === 'traces' ? [`or: ${jaeger}`] : [])];
}

function refNotes(what: string, refs: readonly SecretKeyRef[]): readonly string[] {
  return refs.map(({ namespace, name, key }) => `${what} from Secret ${namespace}/${name}, key ${key}`);
}

/** An address that stands in a Secret is not told. */
function withoutEndpoint(message: string, { endpoint, oauth2 }: OtlpExporterNode): string {
  const secret = [endpoint, oauth2?.tokenUrl ?? ''].flatMap((one) => (typeof one === 'string' ? [] : [one.text ?? '']));
  return secret.reduce(withoutAddress, message);
}
