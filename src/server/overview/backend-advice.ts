import { BACKEND_WORDS, type BackendFailureKind, type DropCause } from '../../flow/index.ts';
import type { Signal } from '../../pdata/index.ts';

interface Advice {
  readonly code: string;
  /** What the backend does, said after its name. */
  readonly phrase: string;
  readonly help: string;
}

/** A sentence for each way a backend fails, and the code that `sluice explain` knows. */
export const BACKEND_ADVICE = {
  refused: { ...BACKEND_WORDS.refused, help: 'Is it running, and is this its port?' },
  dns: { ...BACKEND_WORDS.dns, help: 'Check the host name in the endpoint.' },
  protocol: {
    ...BACKEND_WORDS.protocol,
    help: 'After a 404, correct `path` or the path in the endpoint; else set `protocol` to what the port speaks: grpc is usually 4317, http 4318.',
  },
  tls: {
    ...BACKEND_WORDS.tls,
    help: 'For a port with TLS write https://; for a plain-text port write http:// or set `tls.insecure: true`.',
  },
  certificate: {
    ...BACKEND_WORDS.certificate,
    help: 'Trust its CA with `tls.ca`, correct the host of the endpoint, or renew the certificate.',
  },
  credentials: {
    ...BACKEND_WORDS.credentials,
    help: 'Check what `headers` and `authentication` send, such as the token in Authorization.',
  },
  rejected: {
    ...BACKEND_WORDS.rejected,
    help: 'Rejected data is not sent again; the answer says which and why. Of a pipeline with AtLeastOnce it is kept: sluice deadletter list.',
  },
  too_large: { ...BACKEND_WORDS.too_large, help: 'Lower the batch size of the pipeline.' },
  timeout: {
    ...BACKEND_WORDS.timeout,
    help: 'It is overloaded, or something swallows packets.',
  },
  reset: {
    ...BACKEND_WORDS.reset,
    help: 'A proxy or load balancer in between may close them.',
  },
  unavailable: { ...BACKEND_WORDS.unavailable, help: 'It answers, but cannot take data now.' },
  throttled: { ...BACKEND_WORDS.throttled, help: 'Its rate limit is lower than what is sent.' },
  disk: { ...BACKEND_WORDS.disk, help: 'Check free space and permissions of the folder.' },
} as const satisfies Record<BackendFailureKind, Advice>;

const REMOTE_WRITE_PROTOCOL: Advice = {
  code: 'SL0503',
  phrase: 'does not take Prometheus remote write at this URL',
  help: 'The endpoint is the whole URL, `/api/v1/write` of Prometheus, which takes it with --web.enable-remote-write-receiver.',
};

/** What to say about a backend that fails; `destination` as people read it. */
export function backendAdvice(kind: BackendFailureKind, destination: string): Advice {
  return kind === 'protocol' && isRemoteWrite(destination) ? REMOTE_WRITE_PROTOCOL : BACKEND_ADVICE[kind];
}

function isRemoteWrite(destination: string): boolean {
  return /\(remote write\b[^)]*\)$/.test(destination);
}

/** How a cause of loss is called in a sentence. */
export const DROP_CAUSE_WORDS = {
  queue_full: 'queue full',
  memory_limit: 'memory limit',
  rejected_by_backend: 'rejected by the backend',
  retries_exhausted: 'retries exhausted',
  shutdown: 'stopped before delivery',
  invalid: 'invalid data',
  too_large: 'too large',
  write_failed: 'write failed',
  no_route: 'no route leads anywhere',
  unsupported: 'no place for them in the protocol of the backend',
  expired: 'older than `maxAge`',
  corrupt: 'corrupt on disk',
  disk_full: 'disk full',
} as const satisfies Record<DropCause, string>;

/** What a command needs to know about a backend that fails. `destination` is the text for people, `localhost:14317 (gRPC)`. */
export interface FailingBackend {
  readonly kind: BackendFailureKind;
  readonly destination: string;
  readonly signal: Signal;
}

/** Commands worth running when a backend fails. Only a backend on this machine gets a stand-in on its own port. */
export function backendCommands({ kind, destination, signal }: FailingBackend, program: string): readonly string[] {
  return [...commandsFor(kind, destination, signal, program), `${program} explain ${BACKEND_ADVICE[kind].code}`];
}

function commandsFor(
  kind: BackendFailureKind,
  destination: string,
  signal: Signal,
  program: string,
): readonly string[] {
  // People paste commands into shells: nothing but a plain host and a port may enter one.
  const address = /^(?:https?:\/\/)?(\[[0-9a-f:]+\]|[\w.-]+)(?::(\d+))?(?=\/| \(|$)/i.exec(destination);
  if (address === null) return [];
  const [, host, port] = address;
  switch (kind) {
    case 'refused': {
      const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(host);
      if (!isHere || port === undefined) return [];
      if (isRemoteWrite(destination)) return [PROMETHEUS(port)];
      return [`${program} sink --port ${port}`, container(port, destination.endsWith('(HTTP)') ? 4318 : 4317, signal)];
    }
    case 'dns':
      return [`nslookup ${host}`];
    case 'tls':
    case 'certificate':
      return [`openssl s_client -connect ${host}:${port ?? 443} -servername ${host} </dev/null`];
    case 'disk':
      return ['df -h'];
    default:
      return [];
  }
}

const PROMETHEUS = (port: string): string =>
  `docker run --rm -p ${port}:9090 prom/prometheus --config.file=/etc/prometheus/prometheus.yml --web.enable-remote-write-receiver`;

/** A real backend with a page to look at: Jaeger keeps traces alone. */
function container(port: string, otlpPort: 4317 | 4318, signal: Signal): string {
  return signal === 'traces'
    ? `docker run --rm -p ${port}:${otlpPort} -p 16686:16686 jaegertracing/jaeger`
    : `docker run --rm -p ${port}:${otlpPort} -p 3000:3000 grafana/otel-lgtm`;
}
