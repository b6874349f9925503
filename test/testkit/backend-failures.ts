import type { FailingBackends } from './failing-backends.ts';

/** A pipeline whose backend fails in one way, and what people have to be told of it, at every place. */
export interface BackendFailureCase {
  /** Of the pipeline. */
  readonly name: string;
  /** `spec.output.otlp`, without the headers that all have. */
  readonly otlp: Readonly<Record<string, unknown>>;
  readonly code: string;
  /** What the backend does. */
  readonly phrase: string;
  /** What was seen of it. */
  readonly seen: RegExp;
  /** The command, or the advice, that helps next. */
  readonly next: string;
  /** What an empty request can find out before there is data. */
  readonly online: 'error' | 'warning' | 'nothing';
}

type Kind = Pick<BackendFailureCase, 'code' | 'phrase' | 'next' | 'online'>;

const KINDS = {
  refused: { code: 'SL0501', phrase: 'refuses connections', next: 'sluice sink --port', online: 'error' },
  dns: { code: 'SL0502', phrase: 'cannot be found by name', next: 'nslookup backend.invalid', online: 'error' },
  protocol: {
    code: 'SL0503',
    phrase: 'does not take OTLP by the configured protocol and path',
    next: 'After a 404, correct `path` or the path in the endpoint; else set `protocol` to what the port speaks',
    online: 'error',
  },
  tls: { code: 'SL0504', phrase: 'does not agree on TLS', next: 'openssl s_client -connect', online: 'error' },
  certificate: {
    code: 'SL0505',
    phrase: 'shows a certificate that is not trusted',
    next: 'openssl s_client -connect',
    online: 'error',
  },
  credentials: {
    code: 'SL0506',
    phrase: 'does not accept the credentials',
    next: 'Check what `headers` and `authentication` send',
    online: 'error',
  },
  rejected: {
    code: 'SL0507',
    phrase: 'rejects the data',
    next: 'Rejected data is not sent again',
    online: 'warning',
  },
  partly: {
    code: 'SL0507',
    phrase: 'rejects the data',
    next: 'Rejected data is not sent again',
    online: 'nothing',
  },
  timeout: {
    code: 'SL0508',
    phrase: 'does not answer in time',
    next: 'It is overloaded, or something swallows packets.',
    online: 'error',
  },
  unavailable: { code: 'SL0508', phrase: 'is not available', next: 'cannot take data now', online: 'error' },
  throttled: {
    code: 'SL0508',
    phrase: 'asks to slow down',
    next: 'Its rate limit is lower than what is sent.',
    online: 'warning',
  },
} as const satisfies Record<string, Kind>;

/** Every failure, over both protocols. */
export function backendFailures(backends: FailingBackends): readonly BackendFailureCase[] {
  const { closed, plain, web, unimplemented, ca, secure, expired, misnamed } = backends;
  const { denying, rejecting, choosy, unavailable, throttling, mute } = backends;
  const trusting = { tls: { ca: { value: ca } } };
  const grpc = (port: number) => ({ endpoint: { value: `http://127.0.0.1:${port}` } });
  const http = (port: number) => ({ ...grpc(port), protocol: 'http' });
  const grpcs = (port: number) => ({ endpoint: { value: `https://127.0.0.1:${port}` } });
  const https = (port: number) => ({ ...grpcs(port), protocol: 'http' });
  const noName = (port: number) => ({ endpoint: { value: `http://backend.invalid:${port}` } });
  const row = (kind: keyof typeof KINDS, name: string, otlp: BackendFailureCase['otlp'], seen: RegExp) => ({
    ...KINDS[kind],
    name,
    otlp,
    seen,
  });

  const nobody = /nothing listens on 127\.0\.0\.1:\d+/;
  const unknownName = /"backend\.invalid" (has no DNS record|could not be looked up)/;
  const speaksTls = /speaks TLS; use https:\/\/, or set tls\.insecure: false/;
  const speaksPlain = /speaks plain text; set tls\.insecure: true, or use its TLS port/;
  const old = /certificate of 127\.0\.0\.1:\d+ expired on \d{4}-\d\d-\d\d \(CA "corp-ca"\)/;
  const foreignCa = /was signed by CA "corp-ca", which is not trusted; give it in tls\.ca\b(?!_)/;
  const otherName = /is for backend\.example\.com, not for 127\.0\.0\.1; check the host/;
  const part = /the backend rejected 1 of 3 spans: label name invalid, sent with \*\*\*/;
  return [
    row('refused', 'refused-grpc', grpc(closed), nobody),
    row('refused', 'refused-http', http(closed), nobody),
    row('dns', 'dns-grpc', noName(4317), unknownName),
    row('dns', 'dns-http', { ...noName(4318), protocol: 'http' }, unknownName),
    row(
      'protocol',
      'grpc-to-http-port',
      grpc(plain.httpPort),
      /answered HTTP\/1\.1, the protocol is grpc; set protocol: http/,
    ),
    row('protocol', 'http-to-grpc-port', http(plain.grpcPort), /set protocol: grpc, or use port 4318/),
    row('protocol', 'wrong-path', http(web), /the backend answered 404 to POST \/v1\/traces; is the path right\?/),
    row(
      'protocol',
      'other-service',
      grpc(unimplemented.grpcPort),
      /the backend answered UNIMPLEMENTED: unknown service/,
    ),
    row('tls', 'tls-to-plain-grpc', grpcs(plain.grpcPort), speaksPlain),
    row('tls', 'tls-to-plain-http', https(plain.httpPort), speaksPlain),
    row('tls', 'plain-to-tls-grpc', grpc(secure.grpcPort), speaksTls),
    row('tls', 'plain-to-tls-http', http(secure.httpPort), speaksTls),
    row('certificate', 'expired-grpc', { ...grpcs(expired.grpcPort), ...trusting }, old),
    row('certificate', 'expired-http', { ...https(expired.httpPort), ...trusting }, old),
    row('certificate', 'other-ca-grpc', grpcs(secure.grpcPort), foreignCa),
    row('certificate', 'other-ca-http', https(secure.httpPort), foreignCa),
    row('certificate', 'other-name-grpc', { ...grpcs(misnamed.grpcPort), ...trusting }, otherName),
    row('certificate', 'other-name-http', { ...https(misnamed.httpPort), ...trusting }, otherName),
    row('credentials', 'credentials-grpc', grpc(denying.grpcPort), /answered UNAUTHENTICATED: no such token \*\*\*/),
    row('credentials', 'credentials-http', http(denying.httpPort), /answered 401: no such token \*\*\*/),
    row('rejected', 'rejected-grpc', grpc(rejecting.grpcPort), /answered INVALID_ARGUMENT: label name invalid/),
    row('rejected', 'rejected-http', http(rejecting.httpPort), /answered 400: label name invalid/),
    row('partly', 'partly-grpc', grpc(choosy.grpcPort), part),
    row('partly', 'partly-http', http(choosy.httpPort), part),
    row('timeout', 'timeout-grpc', grpc(mute), /no connection to 127\.0\.0\.1:\d+ in time|did not answer in time/),
    row('timeout', 'timeout-http', http(mute), /127\.0\.0\.1:\d+ did not answer in time/),
    row('unavailable', 'unavailable-grpc', grpc(unavailable.grpcPort), /answered UNAVAILABLE: come back later/),
    row('unavailable', 'unavailable-http', http(unavailable.httpPort), /answered 503: come back later/),
    row('throttled', 'throttling-grpc', grpc(throttling.grpcPort), /answered RESOURCE_EXHAUSTED: too many requests/),
    row('throttled', 'throttling-http', http(throttling.httpPort), /answered 429: too many requests/),
  ];
}
