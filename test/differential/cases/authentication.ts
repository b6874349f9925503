import { createHash } from 'node:crypto';
import { type Addresses, type DifferentialCase, everySignal, type Step, send } from '../case.ts';
import { plainInput } from '../inputs.ts';
import { BACKEND_TLS, CA } from './certificates.ts';

const one = { resources: 1, scopes: 1, items: 1 };
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const sha = createHash('sha1').update('two').digest('base64');

/** The same request with each of these authorizations, over both protocols. */
function attempts(authorizations: readonly (string | undefined)[], header = 'authorization'): Step[] {
  return authorizations.flatMap((authorization, i) =>
    (['grpc', 'http'] as const).map((protocol) =>
      send(plainInput('logs', `${protocol} ${i}`, one), {
        protocol,
        ...(authorization !== undefined && { headers: { [header]: authorization } }),
      }),
    ),
  );
}

function serverCase(name: string, extension: string, settings: object, steps: readonly Step[], expectedItems: number) {
  return {
    name: `authentication of senders: ${name}`,
    config: ({ backendGrpc }: Addresses) => ({
      receiver: { grpc: { auth: { authenticator: extension } }, http: { auth: { authenticator: extension } } },
      extensions: { [extension]: settings },
      exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true } } },
      pipelines: everySignal({ exporters: ['otlp_grpc'] }),
    }),
    steps,
    expectedItems,
  } satisfies DifferentialCase;
}

const serverCases: readonly DifferentialCase[] = [
  serverCase(
    'basicauth, passwords in plain and hashed',
    'basicauth',
    { htpasswd: { inline: `plain:one\nsha:{SHA}${sha}\n` } },
    attempts([
      basic('plain', 'one'),
      basic('sha', 'two'),
      `basic ${basic('sha', 'two').slice(6)}`,
      basic('plain', 'two'),
      basic('nobody', 'one'),
      basic('plain', ''),
      'Bearer one',
      'Basic ???',
      undefined,
    ]),
    6,
  ),
  serverCase(
    'bearertokenauth, one of several tokens',
    'bearertokenauth',
    { tokens: ['one', 'two'] },
    attempts(['Bearer one', 'Bearer two', 'bearer one', 'Bearer three', 'one', 'Bearer ', undefined]),
    4,
  ),
  serverCase(
    'bearertokenauth, header and scheme of its own',
    'bearertokenauth/own',
    { token: 'one', header: 'X-Api-Key', scheme: 'Key' },
    attempts(['Key one', 'Bearer one', 'one', undefined], 'x-api-key'),
    2,
  ),
];

function clientCase(name: string, protocol: 'grpc' | 'http', extension: string, settings: object): DifferentialCase {
  return {
    name: `credentials of otlp_${protocol}: ${name}`,
    config: ({ backendGrpc, backendHttp }) => {
      const endpoint = protocol === 'grpc' ? backendGrpc : backendHttp.replace('http:', 'https:');
      const exporter = { endpoint, tls: { ca_pem: CA }, auth: { authenticator: extension } };
      return {
        extensions: { [extension]: settings },
        exporters: { [`otlp_${protocol}`]: { ...exporter, retry_on_failure: { enabled: false } } },
        pipelines: everySignal({ exporters: [`otlp_${protocol}`] }),
      };
    },
    backendTls: BACKEND_TLS,
    steps: (['traces', 'metrics', 'logs'] as const).map((signal) =>
      send(plainInput(signal, signal, one), { protocol: 'grpc' }),
    ),
    expectedItems: 5,
  };
}

const clientCases = (['grpc', 'http'] as const).flatMap((protocol) => [
  // Not oauth2client: at 0.145, the last version that builds, it asks every client for a JWT.
  clientCase('basicauth', protocol, 'basicauth', { client_auth: { username: 'me', password: 'é:ü' } }),
  clientCase('bearertokenauth, the first of several', protocol, 'bearertokenauth', { tokens: ['one', 'two'] }),
  clientCase('bearertokenauth, header and scheme of its own', protocol, 'bearertokenauth', {
    token: 'one',
    header: 'X-Api-Key',
    scheme: '',
  }),
]);

export const authenticationCases: readonly DifferentialCase[] = [...serverCases, ...clientCases];
