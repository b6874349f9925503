import type { Answer } from '../../testkit/capture.ts';
import { type DifferentialCase, everySignal, send } from '../case.ts';
import { type Counts, plainInput } from '../inputs.ts';

const failure = (grpc: number, http: number, retryAfterSeconds?: number): Answer => ({
  kind: 'error',
  grpc,
  http,
  message: 'no',
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});
/** Tries at 0, 200 and 400 ms. */
const FOR_HALF_A_SECOND = {
  initial_interval: '200ms',
  max_interval: '200ms',
  randomization_factor: 0,
  max_elapsed_time: '500ms',
};
const WITHOUT_QUEUE = { retry_on_failure: { enabled: false }, sending_queue: { enabled: false } };
const fast = { initial_interval: '50ms', max_interval: '100ms', randomization_factor: 0, max_elapsed_time: '10s' };

type Protocol = 'grpc' | 'http';

interface FailingOptions {
  readonly settings?: object;
  readonly labels?: readonly string[];
  readonly counts?: Counts;
  readonly quietMs?: number;
}

const ONE: Counts = { resources: 1, scopes: 1, items: 1 };
const LABELS = ['one', 'two', 'three'];

/** Log requests one after the other through one exporter whose backend answers as scripted. */
function failingCase(
  name: string,
  protocol: Protocol,
  script: readonly Answer[],
  expectedItems: number,
  { settings = {}, labels = LABELS, counts = ONE, quietMs = 150 }: FailingOptions = {},
): DifferentialCase {
  return {
    name: `otlp_${protocol}: ${name}`,
    config: ({ backendGrpc, backendHttp }) => {
      const more = { retry_on_failure: fast, sending_queue: { num_consumers: 1 }, ...settings };
      return {
        exporters:
          protocol === 'grpc'
            ? { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true }, ...more } }
            : { otlp_http: { endpoint: backendHttp, ...more } },
        pipelines: everySignal({ exporters: [`otlp_${protocol}`] }),
      };
    },
    script,
    steps: labels.map((label) => send(plainInput('logs', label, counts), { protocol })),
    alsoCompare: ['attempts'],
    quietMs,
    expectedItems,
  };
}

/** Codes of gRPC and HTTP that a sender may try again, by the OTLP specification. */
const RETRYABLE: readonly (readonly [string, number, number])[] = [
  ['UNAVAILABLE and 503', 14, 503],
  ['DEADLINE_EXCEEDED and 504', 4, 504],
  ['ABORTED and 502', 10, 502],
  ['DATA_LOSS and 429', 15, 429],
];
const PERMANENT: readonly (readonly [string, number, number])[] = [
  ['INVALID_ARGUMENT and 400', 3, 400],
  ['UNAUTHENTICATED and 401', 16, 401],
  ['PERMISSION_DENIED and 403', 7, 403],
  ['UNIMPLEMENTED and 404', 12, 404],
  ['INTERNAL and 500', 13, 500],
  ['RESOURCE_EXHAUSTED without RetryInfo and 413', 8, 413],
];

const protocols: readonly Protocol[] = ['grpc', 'http'];

export const failingBackendCases: readonly DifferentialCase[] = protocols.flatMap((protocol) => [
  failingCase(
    `tries again after ${RETRYABLE.map(([name]) => name).join(', ')}`,
    protocol,
    RETRYABLE.map(([, grpc, http]) => failure(grpc, http)),
    3,
  ),
  ...PERMANENT.map(([name, grpc, http]) =>
    failingCase(`drops after ${name} and goes on`, protocol, [failure(grpc, http)], 2),
  ),
  failingCase('a request of several items that the backend rejects', protocol, [failure(3, 400)], 0, {
    labels: ['one'],
    counts: { ...ONE, items: 2 },
  }),
  failingCase('waits as long as the backend says', protocol, [failure(14, 503, 1), failure(8, 429, 1)], 3),
  failingCase(
    'gives up after max_elapsed_time',
    protocol,
    Array.from({ length: 3 }, () => failure(14, 503)),
    0,
    { settings: { retry_on_failure: FOR_HALF_A_SECOND }, labels: ['one'], quietMs: 1_000 },
  ),
  failingCase('drops at once without retry_on_failure', protocol, [failure(14, 503)], 2, {
    settings: { retry_on_failure: { enabled: false } },
  }),
  failingCase(
    'takes a partial success as the end',
    protocol,
    [{ kind: 'ok', partial: { rejected: 1n, message: 'old' } }],
    3,
  ),
  failingCase('tells the sender that it may try again, without a queue', protocol, [failure(14, 503)], 2, {
    settings: WITHOUT_QUEUE,
  }),
  failingCase('tells the sender that it is rejected, without a queue', protocol, [failure(3, 400)], 2, {
    settings: WITHOUT_QUEUE,
  }),
  failingCase('tells the sender how long to wait, without a queue', protocol, [failure(8, 429, 1)], 2, {
    settings: WITHOUT_QUEUE,
  }),
]);
